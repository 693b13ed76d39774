import { IconColumns2, IconLayoutRows } from '@tabler/icons-react'
import { type ReactNode, useMemo, useState } from 'react'
import type { FileDiff, HistoryDiff } from '../../api/history'
import { Button } from '../../components/Button'
import { Chip } from '../../components/Chip'
import { SegmentedControl } from '../../components/Field'
import { formatCount } from '../../lib/format'
import { useRemembered } from '../../lib/useRemembered'
import { FileIcon } from '../files/FileIcon'
import styles from './DiffView.module.css'
import { shortName } from './entryWords'
import { InlineHunk, SplitHunk } from './Hunks'
import { countPatch, type Hunk, parsePatch } from './patch'

export type DiffLayout = 'inline' | 'split'

/** Inline or side by side, as this person likes it. */
export const useDiffLayout = () => useRemembered<DiffLayout>('history:layout', 'inline')

export function LayoutChoice({ layout, onChange }: { layout: DiffLayout; onChange: (layout: DiffLayout) => void }) {
  return (
    <SegmentedControl
      label="Layout of differences"
      value={layout}
      onChange={onChange}
      options={[
        { value: 'inline' as DiffLayout, label: 'Inline', icon: <IconLayoutRows size={14} stroke={1.5} aria-hidden /> },
        { value: 'split', label: 'Side by side', icon: <IconColumns2 size={14} stroke={1.5} aria-hidden /> },
      ]}
    />
  )
}

interface DiffViewProps {
  diff: HistoryDiff
  /** Names are shown as below this share path. */
  place: string
  layout: DiffLayout
  /** What can be done with a file, at the right of its name. */
  actions?: (file: FileDiff) => ReactNode
}

/** How files differ, each with its hunks and the words that changed. */
export function DiffView({ diff, place, layout, actions }: DiffViewProps) {
  return (
    <div className={styles.files}>
      {diff.files.map((file) => (
        <FileCard key={file.path} file={file} place={place} layout={layout} end={actions?.(file)} />
      ))}
      {!diff.is_all && <p className="secondary">More files differ than are shown here. Open one to see its changes.</p>}
    </div>
  )
}

const statusWords: Record<FileDiff['status'], string> = {
  added: 'Added',
  deleted: 'Deleted',
  changed: 'Changed',
  renamed: 'Renamed',
  mode: 'Permissions',
}
const tones = { added: 'success', deleted: 'danger', changed: 'neutral', renamed: 'info', mode: 'neutral' } as const

interface FileCardProps {
  file: FileDiff
  place: string
  layout: DiffLayout
  end: ReactNode
}

const mostLines = 800

function FileCard({ file, place, layout, end }: FileCardProps) {
  const hunks = useMemo(() => parsePatch(file.text ?? ''), [file.text])
  const counts = useMemo(() => countPatch(hunks), [hunks])
  const [isUnfolded, setUnfolded] = useState(false)
  const total = hunks.reduce((sum, hunk) => sum + hunk.lines.length, 0)
  const isFolded = total > mostLines && !isUnfolded
  const name = shortName(file.path, place)
  return (
    <section className={styles.file} aria-label={`Changes of ${name}`}>
      <header className={styles.head}>
        <FileIcon name={file.path} kind="file" />
        <h3 className={`${styles.name} truncate`} title={file.path}>
          {file.old_path && <span className="secondary">{shortName(file.old_path, place)} → </span>}
          {name}
        </h3>
        <Chip tone={tones[file.status]}>{statusWords[file.status]}</Chip>
        {counts.added + counts.removed > 0 && <Counts {...counts} />}
        {end && <span className={styles.end}>{end}</span>}
      </header>
      {isFolded ? (
        <p className={styles.note}>
          <Button size="small" onClick={() => setUnfolded(true)}>
            Show {formatCount(total)} lines
          </Button>
        </p>
      ) : (
        <Body file={file} hunks={hunks} layout={layout} />
      )}
    </section>
  )
}

export function Counts({ added, removed }: { added: number; removed: number }) {
  return (
    <span className={styles.counts}>
      <span className={styles.plus}>
        +{formatCount(added)}
        <span className="visually-hidden"> lines added</span>
      </span>{' '}
      <span className={styles.minus}>
        −{formatCount(removed)}
        <span className="visually-hidden"> lines removed</span>
      </span>
    </span>
  )
}

function Body({ file, hunks, layout }: { file: FileDiff; hunks: readonly Hunk[]; layout: DiffLayout }) {
  if (hunks.length === 0) return <p className={styles.note}>{withoutLines(file)}</p>
  const HunkView = layout === 'split' ? SplitHunk : InlineHunk
  return (
    // biome-ignore lint/a11y/noNoninteractiveTabindex: what scrolls must be reachable by keyboard.
    <section className={styles.body} tabIndex={0} aria-label={`Lines of ${file.path}`}>
      {hunks.map((hunk, index) => (
        <HunkView key={`${hunk.lines[0]?.before} ${hunk.lines[0]?.after}`} hunk={hunk} isFirst={index === 0} />
      ))}
    </section>
  )
}

function withoutLines(file: FileDiff): string {
  if (file.is_binary)
    return 'It is not text, so its lines cannot be compared. Show the content to download either version.'
  if (file.is_cut) return 'Too much of it differs to be shown here.'
  if (file.status === 'mode') return 'Only its permissions changed.'
  if (file.status === 'renamed') return 'Only its name changed.'
  return 'The file is empty.'
}
