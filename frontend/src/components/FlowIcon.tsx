import { IconGitFork } from '@tabler/icons-react'
import styles from './FlowIcon.module.css'

/** The sign of a flow: from left to right, as its graph runs. */
export function FlowIcon({ size = 16 }: { size?: number }) {
  return <IconGitFork size={size} stroke={1.5} className={styles.flow} aria-hidden />
}
