import {
  IconAlertTriangle,
  IconCircleCheck,
  IconCircleDashed,
  IconCircleMinus,
  IconCircleX,
  IconClock,
  IconLoader2,
  IconPlayerSkipForward,
} from '@tabler/icons-react'
import type { ReactNode } from 'react'
import { classes } from '../lib/classes'
import styles from './Status.module.css'

/** Every status has one shape, the same in graph, card, table and trace. */
export type Status = 'completed' | 'running' | 'waiting' | 'failed' | 'canceled' | 'bypassed' | 'not-run' | 'warning'

const looks = {
  completed: { icon: IconCircleCheck, tone: 'success', word: 'Completed' },
  running: { icon: IconLoader2, tone: 'info', word: 'Running' },
  waiting: { icon: IconClock, tone: 'neutral', word: 'Waiting' },
  failed: { icon: IconCircleX, tone: 'danger', word: 'Failed' },
  canceled: { icon: IconCircleMinus, tone: 'neutral', word: 'Canceled' },
  bypassed: { icon: IconPlayerSkipForward, tone: 'neutral', word: 'Bypassed' },
  'not-run': { icon: IconCircleDashed, tone: 'neutral', word: 'Not run yet' },
  warning: { icon: IconAlertTriangle, tone: 'warning', word: 'Warning' },
} as const

/** The icon alone; its word is there for screen readers unless `decorative`. */
export function StatusIcon({ status, size = 14, decorative }: { status: Status; size?: number; decorative?: boolean }) {
  const { icon: Icon, tone, word } = looks[status]
  return (
    <span className={styles[tone]}>
      <Icon size={size} stroke={1.5} aria-hidden className={classes(status === 'running' && styles.spin)} />
      {!decorative && <span className="visually-hidden">{word}</span>}
    </span>
  )
}

/** Icon and word; `children` replaces the word ("162 of 200 lines"). */
export function StatusText({ status, children }: { status: Status; children?: ReactNode }) {
  const { tone, word } = looks[status]
  return (
    <span className={classes(styles.status, styles[tone])}>
      <StatusIcon status={status} decorative />
      <span>{children ?? word}</span>
    </span>
  )
}
