import { classes } from '../../lib/classes'
import styles from './drawer/drawer.module.css'

/** A value of many lines, in a box that scrolls. */
export function LongText({ text, className }: { text: string; className?: string | undefined }) {
  return (
    // biome-ignore lint/a11y/noNoninteractiveTabindex: what scrolls must be reachable by keyboard.
    <pre tabIndex={0} className={classes(className ?? styles.long)}>
      {text}
    </pre>
  )
}
