import { useOthers } from '../api/presence'
import { Avatar } from './Avatar'
import styles from './Present.module.css'

const mostAvatars = 4

interface PresentProps {
  path: string
  /** What they have open, where the place does not say it: "flow". */
  what?: string
}

/** Who else has a flow or file open; nothing while nobody has. */
export function Present({ path, what = 'file' }: PresentProps) {
  const others = useOthers(path)
  if (others.length === 0) return null
  const label = `${others.join(', ')} ${others.length === 1 ? 'has' : 'have'} this ${what} open`
  return (
    <span className={styles.present} role="img" aria-label={label} title={label}>
      {others.slice(0, mostAvatars).map((name) => (
        <Avatar key={name} name={name} />
      ))}
      {others.length > mostAvatars && <span className="small secondary">+{others.length - mostAvatars}</span>}
    </span>
  )
}
