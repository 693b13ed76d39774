import { IconCircleCheck, IconCircleX, IconLoader2, IconLock } from '@tabler/icons-react'
import { useStore } from 'zustand'
import { classes } from '../../lib/classes'
import styles from './AuthoringPage.module.css'
import { useAuthoring } from './state/context'

const icons = { saved: IconCircleCheck, saving: IconLoader2, 'not-saved': IconCircleX }

export function SaveIndicator() {
  const { session, readOnly } = useAuthoring()
  const { kind, text } = useStore(session.save)
  const Icon = readOnly ? IconLock : icons[kind]
  return (
    <span
      role="status"
      aria-label="Save state"
      title={text}
      className={classes(
        styles.save,
        !readOnly && kind === 'not-saved' && styles.notSaved,
        !readOnly && kind === 'saved' && styles.saved,
      )}
    >
      <Icon size={16} stroke={1.5} aria-hidden />
      <span className="truncate">{readOnly ? 'Read-only' : text}</span>
    </span>
  )
}
