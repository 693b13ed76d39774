import { type ReactNode, useId } from 'react'
import { classes } from '../lib/classes'
import styles from './RadioCard.module.css'

interface RadioCardProps {
  /** The same for all choices of a group. */
  name: string
  /** The accessible name. */
  title: string
  about?: ReactNode
  icon?: ReactNode
  end?: ReactNode
  checked: boolean
  onChoose: () => void
  /** A row of a list: no frame, no circle until it is chosen. */
  plain?: boolean
  /** Title and circle at the top, the sentence under them. */
  tall?: boolean
}

/** One of several choices, large enough to say what it is. */
export function RadioCard({ name, title, about, icon, end, checked, onChoose, plain, tall }: RadioCardProps) {
  const id = useId()
  return (
    <div className={classes(styles.card, plain && styles.plain, tall && styles.top)}>
      {icon}
      <div className={styles.text}>
        <label htmlFor={id} className={classes(styles.title, 'truncate')}>
          {title}
        </label>
        {about && (
          <span id={`${id}about`} className={classes(styles.about, !tall && 'truncate')}>
            {about}
          </span>
        )}
      </div>
      {end && <span className="small secondary">{end}</span>}
      <input
        id={id}
        type="radio"
        name={name}
        className={styles.input}
        aria-describedby={about ? `${id}about` : undefined}
        checked={checked}
        onChange={onChoose}
      />
    </div>
  )
}
