import type { ReactNode } from 'react'
import { classes } from '../lib/classes'
import styles from './Chip.module.css'

interface ChipProps {
  tone?: 'neutral' | 'success' | 'warning' | 'danger' | 'info'
  icon?: ReactNode
  title?: string
  children: ReactNode
}

/** A short fact in a frame. */
export function Chip({ tone = 'neutral', icon, title, children }: ChipProps) {
  return (
    <span className={classes(styles.chip, tone !== 'neutral' && styles[tone])} title={title}>
      {icon}
      {children}
    </span>
  )
}

/** Marks every answer that came from the demo model. */
export function DemoChip() {
  return (
    <Chip tone="warning" title="The built-in demo model answered by general rules. It says nothing about quality.">
      Demo answer
    </Chip>
  )
}
