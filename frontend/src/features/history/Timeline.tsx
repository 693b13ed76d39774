import { IconTerminal2 } from '@tabler/icons-react'
import { type KeyboardEvent, useId } from 'react'
import type { HistoryEntry } from '../../api/history'
import { Avatar } from '../../components/Avatar'
import { Button } from '../../components/Button'
import { EmptyState } from '../../components/EmptyState'
import { ErrorMessage, Note } from '../../components/Note'
import { Skeleton } from '../../components/Skeleton'
import { Time } from '../../components/Time'
import { counted } from '../../lib/format'
import { useDelayed } from '../../lib/useDelayed'
import { authorOf, kindOf, pathsOf } from './entryWords'
import styles from './Timeline.module.css'
import type { TimelineState } from './useTimeline'

interface TimelineProps {
  /** Whose history it is: a share path. */
  path: string
  timeline: TimelineState
  selected: string | null
  onSelect: (entry: HistoryEntry) => void
}

/** What happened, newest first; up and down go from entry to entry. */
export function Timeline({ path, timeline, selected, onSelect }: TimelineProps) {
  const isSlow = useDelayed(timeline.isPending)
  const { entries } = timeline
  if (timeline.isPending) return isSlow ? <TimelineSkeleton /> : null
  return (
    <div className={styles.timeline}>
      {timeline.error && (
        <ErrorMessage error={timeline.error} title="The history could not be read." onRetry={timeline.retry} />
      )}
      {timeline.note && <Note tone="warning">{timeline.note}</Note>}
      {!timeline.error && entries.length === 0 && (
        <EmptyState heading="p" title="Nothing has happened yet">
          Every save, change from outside, run and deployment is kept here, with what it changed.
        </EmptyState>
      )}
      <ol aria-label="Versions" className={styles.entries} onKeyDown={moveBetweenEntries}>
        {entries.map((entry) => (
          <li key={entry.id} className={styles.entry} data-selected={entry.id === selected || undefined}>
            <EntryButton path={path} entry={entry} isSelected={entry.id === selected} onSelect={onSelect} />
          </li>
        ))}
      </ol>
      {timeline.hasMore && (
        <div className={styles.more}>
          <Button size="small" busy={timeline.isLoadingMore} onClick={timeline.loadMore}>
            Load more
          </Button>
        </div>
      )}
    </div>
  )
}

interface EntryButtonProps {
  path: string
  entry: HistoryEntry
  isSelected: boolean
  onSelect: (entry: HistoryEntry) => void
}

function EntryButton({ path, entry, isSelected, onSelect }: EntryButtonProps) {
  const id = useId()
  const paths = pathsOf(entry, path)
  const isTogether = entry.first_at !== entry.at
  return (
    <button
      type="button"
      id={id}
      className={styles.button}
      aria-current={isSelected ? 'true' : undefined}
      data-kind={entry.kind}
      onClick={() => onSelect(entry)}
    >
      {entry.author ? (
        <Avatar name={entry.author} />
      ) : (
        <span className={styles.outside}>
          <IconTerminal2 size={12} stroke={1.5} aria-hidden />
        </span>
      )}
      <span className={`${styles.author} truncate`}>{authorOf(entry)}</span>
      <span className={styles.time}>
        <Time at={entry.at} />
      </span>
      <span className={styles.what} title={entry.paths.join('\n')}>
        {entry.author && kindOf(entry)}
        {entry.message && <span>{entry.message}</span>}
        {paths && <span className="mono">{paths}</span>}
        {isTogether && <span>{together(entry)}</span>}
      </span>
    </button>
  )
}

/** Saves of one author within a minute are one entry. */
function together(entry: HistoryEntry): string {
  const seconds = Math.max(1, Math.round((Date.parse(entry.at) - Date.parse(entry.first_at)) / 1000))
  return `several saves within ${counted(seconds, 'second')}`
}

/** Arrows, Home and End go between the entries; Enter and space choose, as of any button. */
function moveBetweenEntries(event: KeyboardEvent<HTMLElement>): void {
  const buttons = [...event.currentTarget.querySelectorAll<HTMLElement>('button')]
  const at = buttons.indexOf(document.activeElement as HTMLElement)
  const targets: Record<string, number> = { ArrowDown: at + 1, ArrowUp: at - 1, Home: 0, End: buttons.length - 1 }
  const next = buttons[targets[event.key] ?? -1]
  if (!next) return
  event.preventDefault()
  next.focus()
}

function TimelineSkeleton() {
  return (
    <div className={styles.skeleton} aria-busy="true">
      {[1, 2, 3, 4].map((row) => (
        <Skeleton key={row} width="100%" height={36} />
      ))}
    </div>
  )
}
