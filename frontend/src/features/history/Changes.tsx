import { useQuery } from '@tanstack/react-query'
import { Link } from '@tanstack/react-router'
import { diffQuery, type HistoryEntry } from '../../api/history'
import { Button, buttonClass } from '../../components/Button'
import { EmptyState } from '../../components/EmptyState'
import { ErrorMessage } from '../../components/Note'
import { Skeleton } from '../../components/Skeleton'
import { baseName } from '../../lib/paths'
import { useDelayed } from '../../lib/useDelayed'
import { type Against, sidesOf } from './comparison'
import { type DiffLayout, DiffView } from './DiffView'
import { changedFiles } from './entryWords'
import { useReadOnlyReason } from './mayWrite'
import { restoreWithUndo } from './restore'

interface ChangesProps {
  path: string
  id: string
  entry: HistoryEntry | null
  against: Against
  entries: readonly HistoryEntry[]
  layout: DiffLayout
  isFlow: boolean
}

/** How a version differs from another, file by file. */
export function Changes({ path, id, entry, against, entries, layout, isFlow }: ChangesProps) {
  const { from, to } = sidesOf(id, against, entries)
  const { data: diff, error, isPending, refetch } = useQuery(diffQuery(path, from, to))
  const isSlow = useDelayed(isPending)
  if (error) {
    return <ErrorMessage error={error} title="The versions could not be compared." onRetry={() => void refetch()} />
  }
  if (!diff) return isSlow ? <Skeleton width="100%" height={160} /> : null
  if (diff.files.length === 0) return <EmptyState title="Nothing differs">{nothingDiffers(against)}</EmptyState>
  return (
    <>
      <p className="small secondary" role="status">
        {changedFiles(diff.files.length, diff.is_all)}.{' '}
        {isFlow && 'Restore at the top brings the whole flow back, the one at a file only that file.'}
      </p>
      <DiffView
        diff={diff}
        place={path}
        layout={layout}
        actions={(file) => file.path !== path && <FileActions path={file.path} id={id} at={entry?.at} />}
      />
    </>
  )
}

function FileActions({ path, id, at }: { path: string; id: string; at: string | undefined }) {
  const reason = useReadOnlyReason(path)
  return (
    <>
      <Link
        to="/history/$"
        params={{ _splat: path }}
        search={{ version: id }}
        className={buttonClass('ghost', 'small')}
        aria-label={`History of ${baseName(path)}`}
      >
        History
      </Link>
      <Button
        size="small"
        aria-label={`Restore ${baseName(path)}`}
        disabledReason={reason}
        onClick={() => void restoreWithUndo(path, { id, at })}
      >
        Restore
      </Button>
    </>
  )
}

function nothingDiffers(against: Against): string {
  if (against === 'now') return 'What is on disk is what this version held.'
  return against === 'before'
    ? 'This version holds what the one before it held here.'
    : 'Both versions hold the same here.'
}
