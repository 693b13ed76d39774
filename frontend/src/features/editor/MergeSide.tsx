import { IconAlertTriangle, IconCheck } from '@tabler/icons-react'
import { Avatar } from '../../components/Avatar'
import { FileIcon } from '../files/FileIcon'
import styles from './MergeDialog.module.css'
import type { MergePart } from './merge'
import type { MergeChange } from './mergeList'

interface MergeSideProps {
  name: string
  changes: readonly MergeChange[]
  me: string
  who: string | null
  open: ReadonlyMap<MergePart, number>
  /** Brings a stretch into sight. */
  onShow: (index: number) => void
}

/** Every change of the merge: whose it is, where, and whether it waits for a decision. */
export function MergeSide({ name, changes, me, who, open, onShow }: MergeSideProps) {
  const conflicts = changes.filter(({ part }) => part.kind === 'conflict').length
  return (
    <section className={styles.side} aria-label="Changes of the merge">
      <header className={styles.sideHead}>
        <FileIcon name={name} kind="file" />
        <span className="medium truncate grow">{name}</span>
        {open.size > 0 ? (
          <span className={styles.waits}>
            <IconAlertTriangle size={14} stroke={1.5} aria-hidden />
            {open.size} of {conflicts} open
          </span>
        ) : (
          <Merged />
        )}
      </header>
      <ul>
        {changes.map(({ part, index, line, words }) => (
          <li key={index}>
            <button type="button" className={styles.change} onClick={() => onShow(index)}>
              {part.kind !== 'theirs' && <Avatar name={me} />}
              {part.kind !== 'mine' && who && <Avatar name={who} />}
              <span className="truncate grow" title={words}>
                line {line}
                {part.kind !== 'conflict' && `: ${words}`}
              </span>
              {open.has(part) ? <span className={styles.decide}>decide</span> : <Merged />}
            </button>
          </li>
        ))}
      </ul>
    </section>
  )
}

function Merged() {
  return (
    <span className={styles.merged}>
      <IconCheck size={14} stroke={1.5} aria-hidden />
      merged
    </span>
  )
}
