import { IconCircleCheck, IconCircleDashed, IconCircleX, IconLoader2, IconLock } from '@tabler/icons-react'
import { useStore } from 'zustand'
import { type FileSession, retryingText } from '../editor/FileSession'
import styles from './FilesPage.module.css'

const looks = {
  saved: { icon: IconCircleCheck, word: 'Saved' },
  waiting: { icon: IconCircleDashed, word: 'Not saved yet' },
  saving: { icon: IconLoader2, word: 'Saving…' },
  conflict: { icon: IconCircleX, word: 'Not saved: changed elsewhere' },
  retrying: { icon: IconCircleX, word: '' },
  refused: { icon: IconCircleX, word: 'Not saved' },
}

export function SaveStatus({ file, isReadOnly }: { file: FileSession; isReadOnly: boolean }) {
  const state = useStore(file.state, ({ save }) => save)
  const retrying = useStore(file.state, retryingText)
  const { icon: Icon, word } = isReadOnly ? { icon: IconLock, word: 'Read-only' } : looks[state]
  return (
    <span role="status" aria-label="Save state" className={styles.saved} data-state={isReadOnly ? undefined : state}>
      <Icon size={14} stroke={1.5} aria-hidden />
      {word || retrying}
    </span>
  )
}
