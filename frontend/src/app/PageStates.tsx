import { IconMapPinOff } from '@tabler/icons-react'
import type { ErrorComponentProps } from '@tanstack/react-router'
import { Link } from '@tanstack/react-router'
import { isMissingCode } from '../api/errors'
import { buttonClass } from '../components/Button'
import { EmptyState } from '../components/EmptyState'
import { ErrorMessage } from '../components/Note'
import { Skeleton } from '../components/Skeleton'
import styles from './Page.module.css'

export function PagePending() {
  return (
    <div className={styles.page} aria-busy="true">
      <Skeleton width={120} height={20} />
      <Skeleton width="100%" height={240} />
    </div>
  )
}

export function PageFailed({ error, reset }: ErrorComponentProps) {
  return (
    <div className={styles.page}>
      <h1 className={styles.title}>This page could not be shown</h1>
      <ErrorMessage error={error} onRetry={isMissingCode(error) ? () => location.reload() : reset} />
    </div>
  )
}

export function NotFoundPage() {
  return (
    <EmptyState
      heading="h1"
      icon={<IconMapPinOff size={20} stroke={1.5} aria-hidden />}
      title="Nothing is at this address"
      actions={
        <Link to="/flows" className={buttonClass()}>
          Go to Flows
        </Link>
      }
    >
      It may have been renamed or deleted. Deleted flows can be brought back from Settings for 30 days.
    </EmptyState>
  )
}
