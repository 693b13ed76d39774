import { type ReactNode, useId } from 'react'
import { classes } from '../lib/classes'
import styles from './Panel.module.css'

interface PanelProps {
  title: string
  actions?: ReactNode
  children: ReactNode
  /** The content scrolls by itself (a tree, a graph, an editor). */
  fill?: boolean
  className?: string
}

/** A named region with a head of 36 px and a body that scrolls. */
export function Panel({ title, actions, children, fill, className }: PanelProps) {
  const id = useId()
  return (
    <section aria-labelledby={id} className={classes(styles.panel, className)}>
      <header className={styles.head}>
        <h2 id={id} className={classes(styles.title, 'truncate')}>
          {title}
        </h2>
        {actions && <div className={styles.actions}>{actions}</div>}
      </header>
      <div className={classes(styles.body, fill && styles.fill)}>{children}</div>
    </section>
  )
}
