import type { HTMLAttributes, ReactNode } from 'react'
import { classes } from '../lib/classes'
import styles from './Page.module.css'

interface PageProps extends Omit<HTMLAttributes<HTMLDivElement>, 'title' | 'about'> {
  title: string
  actions?: ReactNode
  /** Under the title: what this place is. */
  about?: ReactNode
}

/** A page with a title that scrolls as a whole. */
export function Page({ title, actions, about, className, children, ...rest }: PageProps) {
  return (
    <div {...rest} className={classes(styles.page, className)}>
      <div>
        <div className={styles.head}>
          <h1 className={styles.title}>{title}</h1>
          {actions && <div className={styles.actions}>{actions}</div>}
        </div>
        {about && <p className="secondary">{about}</p>}
      </div>
      {children}
    </div>
  )
}
