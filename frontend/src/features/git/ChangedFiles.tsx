import { IconArrowBackUp, IconMinus, IconPlus } from '@tabler/icons-react'
import { useMutation, useQuery } from '@tanstack/react-query'
import type { KeyboardEvent, ReactNode } from 'react'
import { restoreEntry } from '../../api/files'
import type { GitStatus } from '../../api/git'
import { Button, IconButton } from '../../components/Button'
import { Checkbox } from '../../components/Field'
import { Mark } from '../../components/Mark'
import { ErrorMessage } from '../../components/Note'
import { toast } from '../../components/Toasts'
import { baseName } from '../../lib/paths'
import { FileIcon } from '../files/FileIcon'
import { Counts } from '../history/DiffView'
import { shortName } from '../history/entryWords'
import styles from './git.module.css'
import { markOf } from './marks'
import type { ChangesSearch } from './place'
import { forgetGit, type GitEntry, type GitFileDiff, gitActs, gitDiffQuery } from './requests'

const small = { size: 14, stroke: 1.5, 'aria-hidden': true } as const

interface ChangedFilesProps {
  path: string
  status: GitStatus
  onShow: (place: ChangesSearch) => void
}

/** What the next commit takes, and what not. */
export function ChangedFiles({ path, status, onShow }: ChangedFilesProps) {
  const acting = useMutation({ mutationFn: (act: () => Promise<unknown>) => act() })
  const staged = status.entries.filter(({ index, is_conflicted }) => index !== null && !is_conflicted)
  const rest = status.entries.filter(({ worktree, is_conflicted }) => worktree !== null || is_conflicted)
  const { data: stagedDiff } = useQuery({ ...gitDiffQuery(path, { staged: true }), enabled: staged.length > 0 })
  const { data: restDiff } = useQuery({ ...gitDiffQuery(path, { staged: false }), enabled: rest.length > 0 })
  const reason = status.is_writable ? null : 'Only its owner can.'
  const repository = status.repository ?? path
  const run = (act: () => Promise<unknown>) => !acting.isPending && acting.mutate(act)
  const list = { path, repository, onShow, reason }
  return (
    <div className={styles.lists}>
      {status.entries.length === 0 && <p className={styles.calm}>Nothing has changed since the last commit.</p>}
      {staged.length > 0 && (
        <List
          {...list}
          title="Staged"
          entries={staged}
          diffs={stagedDiff?.files}
          isStaged
          onToggle={(entry) => run(() => gitActs.unstage(path, { paths: pathsOf(entry) }))}
          act={
            <Button
              variant="ghost"
              size="small"
              icon={<IconMinus {...small} />}
              disabledReason={reason}
              onClick={() => run(() => gitActs.unstage(path, { paths: staged.flatMap(pathsOf) }))}
            >
              Unstage all
            </Button>
          }
        />
      )}
      {rest.length > 0 && (
        <List
          {...list}
          title="Not staged"
          entries={rest}
          diffs={restDiff?.files}
          onToggle={(entry) => run(() => gitActs.stage(path, { paths: pathsOf(entry) }))}
          onDiscard={(entry) => run(() => discard(path, entry.path, pathsOf(entry)))}
          act={
            <Button
              variant="ghost"
              size="small"
              icon={<IconPlus {...small} />}
              disabledReason={
                reason ?? (rest.every((each) => each.is_conflicted) ? 'Decide the conflicts first.' : null)
              }
              onClick={() =>
                run(() => gitActs.stage(path, { paths: rest.filter((each) => !each.is_conflicted).flatMap(pathsOf) }))
              }
            >
              Stage all
            </Button>
          }
        />
      )}
      {!status.is_all && <p className={styles.calm}>More files differ than are shown here.</p>}
      {acting.error && <ErrorMessage error={acting.error} />}
    </div>
  )
}

const pathsOf = ({ path, old_path }: GitEntry): string[] => (old_path ? [path, old_path] : [path])

/** What a file was since the last stage or commit is gone from it; undo brings it back from the trash. */
export async function discard(path: string, file: string, paths: string[]): Promise<void> {
  const trash = await gitActs.discard(path, { paths })
  toast.undo(`Discarded the changes of ${baseName(file)}.`, async () => {
    for (const id of trash) await restoreEntry(id)
    forgetGit()
  })
}

interface ListProps {
  path: string
  repository: string
  title: string
  entries: readonly GitEntry[]
  diffs: readonly GitFileDiff[] | undefined
  isStaged?: boolean
  reason: string | null
  act: ReactNode
  onShow: (place: ChangesSearch) => void
  onToggle: (entry: GitEntry) => void
  onDiscard?: (entry: GitEntry) => void
}

function List({ title, entries, act, ...row }: ListProps) {
  return (
    <section aria-label={title}>
      <header className={styles.listHead}>
        <h3 className="section-title">{title}</h3>
        <span className={styles.count}>{entries.length}</span>
        <span className={styles.barEnd}>{act}</span>
      </header>
      <ul className={styles.rows} onKeyDown={moveBetweenRows}>
        {entries.map((entry) => (
          <Row key={entry.path} entry={entry} {...row} />
        ))}
      </ul>
    </section>
  )
}

function Row({
  entry,
  repository,
  diffs,
  isStaged = false,
  reason,
  onShow,
  onToggle,
  onDiscard,
}: Omit<ListProps, 'title' | 'entries' | 'act'> & { entry: GitEntry }) {
  const name = shortName(entry.path, repository)
  const diff = diffs?.find((each) => each.path === entry.path)
  const mark = entry.is_conflicted ? markOf('conflict') : markOf(isStaged ? entry.index : entry.worktree)
  const isNew = entry.index === null && entry.worktree === 'untracked'
  return (
    <li className={styles.entry}>
      <Checkbox
        label={`${isStaged ? 'Unstage' : 'Stage'} ${name}`}
        hideLabel
        checked={isStaged}
        disabled={reason !== null || entry.is_conflicted}
        onChange={() => onToggle(entry)}
      />
      <button
        type="button"
        className={styles.entryName}
        onClick={() =>
          onShow(entry.is_conflicted ? { git: 'merge', file: entry.path } : { git: 'changes', file: entry.path })
        }
      >
        <FileIcon name={entry.path} kind={entry.path.endsWith('/') ? 'folder' : 'file'} />
        <span className="truncate" title={entry.old_path ? `${entry.old_path} → ${entry.path}` : entry.path}>
          {name}
        </span>
      </button>
      {onDiscard && !entry.is_conflicted && reason === null && (
        <IconButton
          size="small"
          className={styles.discard ?? ''}
          label={isNew ? `Move ${name} to the trash` : `Discard changes of ${name}`}
          icon={<IconArrowBackUp {...small} />}
          onClick={() => onDiscard(entry)}
        />
      )}
      {diff && (diff.added ?? 0) + (diff.removed ?? 0) > 0 && (
        <Counts added={diff.added ?? 0} removed={diff.removed ?? 0} />
      )}
      {mark && <Mark mark={mark} />}
    </li>
  )
}

/** Up and down go to the file above or below. */
function moveBetweenRows(event: KeyboardEvent<HTMLElement>): void {
  const step = event.key === 'ArrowDown' ? 1 : event.key === 'ArrowUp' ? -1 : 0
  const buttons = [...event.currentTarget.querySelectorAll<HTMLElement>(`button.${styles.entryName}`)]
  const next = buttons[buttons.indexOf(document.activeElement as HTMLElement) + step]
  if (step === 0 || !next || !buttons.includes(document.activeElement as HTMLElement)) return
  event.preventDefault()
  next.focus()
}
