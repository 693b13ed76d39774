import type { HTMLAttributes, Ref } from 'react'
import { classes } from '../lib/classes'
import styles from './Card.module.css'

interface CardProps extends HTMLAttributes<HTMLElement> {
  as?: 'div' | 'section' | 'article' | 'li'
  padded?: boolean
  ref?: Ref<HTMLElement>
}

/** A surface with one border. */
export function Card({ as: Element = 'div', padded, className, ref, ...rest }: CardProps) {
  return (
    <Element {...rest} ref={ref as Ref<never>} className={classes(styles.card, padded && styles.padded, className)} />
  )
}
