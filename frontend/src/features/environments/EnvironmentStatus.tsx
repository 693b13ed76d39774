import { useQuery } from '@tanstack/react-query'
import { lazy, Suspense, useEffect } from 'react'
import { useStore } from 'zustand'
import { environmentQuery, refreshEnvironment } from '../../api/environments'
import { useEvents } from '../../api/events'
import { Button } from '../../components/Button'
import { StatusIcon } from '../../components/Status'
import { Tooltip } from '../../components/Tooltip'
import { showEnvironment, shownEnvironment } from './panelState'
import type { RequirementsBarProps } from './RequirementsBar'
import styles from './status.module.css'
import { said } from './words'

const EnvironmentDialog = lazy(() =>
  import('./EnvironmentDialog').then((module) => ({ default: module.EnvironmentDialog })),
)

const Bar = lazy(() => import('./RequirementsBar').then((module) => ({ default: module.RequirementsBar })))

/** The bar over the flow's requirements; reached through here, so that the page fetches what both need once. */
export function RequirementsPart(props: RequirementsBarProps) {
  return (
    <Suspense>
      <Bar {...props} />
    </Suspense>
  )
}

/** What changes all the time and names no packages. */
const isCode = /\.(py|jinja2|jsonl|csv|md)$/

interface EnvironmentStatusProps {
  path: string
  folder: string
  isRunning: boolean
}

/** In the toolbar: what the flow runs with, and the way to its packages. */
export function EnvironmentStatus({ path, folder, isRunning }: EnvironmentStatusProps) {
  const { data: environment } = useQuery(environmentQuery(path))
  const isShown = useStore(shownEnvironment, (state) => state.path === path)
  // Requirements may stand in any file of the folder, and a run may begin to install.
  useEvents([folder], (event) => {
    const mayMatter = event.type === 'rescan' || event.changes.some((change) => !isCode.test(change.path))
    if (mayMatter) void refreshEnvironment(path)
  })
  // biome-ignore lint/correctness/useExhaustiveDependencies: both the beginning and the end of a run may change it.
  useEffect(() => {
    const timer = setTimeout(() => void refreshEnvironment(path), 300)
    return () => clearTimeout(timer)
  }, [path, isRunning])
  if (!environment) return null
  const { status, short, long } = said(environment)
  return (
    <>
      <Tooltip label={environment.problem ?? long} describe>
        <Button variant="ghost" className={styles.status ?? ''} onClick={() => showEnvironment(path)}>
          <span className="truncate">{short}</span>
          {status === 'completed' ? <span className={styles.dot} /> : <StatusIcon status={status} decorative />}
        </Button>
      </Tooltip>
      {isShown && (
        <Suspense>
          <EnvironmentDialog path={path} onClose={() => shownEnvironment.setState({ path: null })} />
        </Suspense>
      )}
    </>
  )
}
