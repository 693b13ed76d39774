import { IconCircleCheck, IconCircleDashed, IconCircleX, IconLoader2, IconLock } from '@tabler/icons-react'
import styles from './FilesPage.module.css'
import type { SaveState } from './useTextFile'

const looks = {
  saved: { icon: IconCircleCheck, word: 'Saved' },
  unsaved: { icon: IconCircleDashed, word: 'Not saved yet' },
  saving: { icon: IconLoader2, word: 'Saving…' },
  conflict: { icon: IconCircleX, word: 'Not saved: changed elsewhere' },
  failed: { icon: IconCircleX, word: 'Not saved' },
}

export function SaveStatus({ state, isReadOnly }: { state: SaveState; isReadOnly: boolean }) {
  const { icon: Icon, word } = isReadOnly ? { icon: IconLock, word: 'Read-only' } : looks[state]
  return (
    <span role="status" aria-label="Save state" className={styles.saved} data-state={isReadOnly ? undefined : state}>
      <Icon size={14} stroke={1.5} aria-hidden />
      {word}
    </span>
  )
}
