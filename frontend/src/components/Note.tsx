import { IconAlertTriangle, IconCircleCheck, IconCircleX, IconInfoCircle, IconRefresh } from '@tabler/icons-react'
import type { ReactNode } from 'react'
import { ApiError, errorText } from '../api/errors'
import { classes } from '../lib/classes'
import { Button } from './Button'
import styles from './Note.module.css'

const icons = {
  neutral: IconInfoCircle,
  info: IconInfoCircle,
  success: IconCircleCheck,
  warning: IconAlertTriangle,
  danger: IconCircleX,
}

interface NoteProps {
  tone?: keyof typeof icons
  actions?: ReactNode
  children: ReactNode
  /** Spans the width of a page or panel without side borders. */
  bar?: boolean
  role?: 'alert' | 'status'
}

/** A sentence that belongs to what it stands beside. */
export function Note({ tone = 'neutral', actions, children, bar, role }: NoteProps) {
  const Icon = icons[tone]
  return (
    <div className={classes(styles.note, tone !== 'neutral' && styles[tone], bar && styles.bar)} role={role}>
      <Icon size={16} stroke={1.5} aria-hidden />
      <div>{children}</div>
      {actions && <span className={styles.actions}>{actions}</span>}
    </div>
  )
}

interface ErrorMessageProps {
  error: unknown
  /** What was tried, as the start of the sentence: "The flows could not be read." */
  title?: string
  onRetry?: () => void
  actions?: ReactNode
  bar?: boolean
}

/** What failed, where, and a way to try again, beside the control that caused it. */
export function ErrorMessage({ error, title, onRetry, actions, bar }: ErrorMessageProps) {
  const place = error instanceof ApiError ? error.place : null
  const retry = onRetry && (
    <Button size="small" icon={<IconRefresh size={14} stroke={1.5} aria-hidden />} onClick={onRetry}>
      Try again
    </Button>
  )
  return (
    <Note
      tone="danger"
      role="alert"
      bar={bar ?? false}
      actions={
        retry || actions ? (
          <>
            {actions}
            {retry}
          </>
        ) : undefined
      }
    >
      {title && <strong className="medium">{title} </strong>}
      {errorText(error)}
      {place && <span className={classes(styles.place, 'mono')}> {place}</span>}
    </Note>
  )
}
