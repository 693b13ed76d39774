import { IconCheck, IconGitMerge, IconX } from '@tabler/icons-react'
import { useQuery } from '@tanstack/react-query'
import { type GitStatus, gitStatusQuery } from '../../api/git'
import { Button, IconButton } from '../../components/Button'
import { EmptyState } from '../../components/EmptyState'
import { ErrorMessage, Note } from '../../components/Note'
import { Skeleton } from '../../components/Skeleton'
import { useDelayed } from '../../lib/useDelayed'
import { shortName } from '../history/entryWords'
import type { ChangesViewProps } from './ChangesView'
import { ConflictCard } from './ConflictCard'
import styles from './changes.module.css'
import { useFinishing } from './MergePart'
import { conflictsQuery } from './requests'

/** A merge under way: each file in conflict, with both sides, what they began with, and a decision. */
export function MergeView({ path, place, onClose }: ChangesViewProps) {
  const { data: status } = useQuery(gitStatusQuery(path))
  const conflicts = useQuery({ ...conflictsQuery(path), enabled: Boolean(status?.repository) })
  const isSlow = useDelayed(conflicts.isPending)
  const files = conflicts.data?.files ?? []
  return (
    <section className={styles.view} aria-label="Merge">
      <header className={styles.bar}>
        <h2 className={styles.title}>Merge</h2>
        {conflicts.data && (
          <span className="secondary truncate">
            {conflicts.data.theirs_name} into {conflicts.data.ours_name}
          </span>
        )}
        <span className={styles.barEnd}>
          <IconButton label="Close merge" icon={<IconX size={16} stroke={1.5} aria-hidden />} onClick={onClose} />
        </span>
      </header>
      {/* biome-ignore lint/a11y/noNoninteractiveTabindex: what scrolls must be reachable by keyboard. */}
      <section className={styles.scroll} tabIndex={0} aria-label="Conflicts">
        {status?.repository && <Standing path={path} status={status} open={files.length} onClose={onClose} />}
        {conflicts.error && (
          <ErrorMessage
            error={conflicts.error}
            title="The conflicts could not be read."
            onRetry={() => void conflicts.refetch()}
          />
        )}
        {conflicts.isPending && isSlow && <Skeleton width="100%" height={200} />}
        {files.map((conflict) => (
          <ConflictCard
            key={conflict.path}
            path={path}
            name={shortName(conflict.path, path)}
            conflict={conflict}
            ours={conflicts.data?.ours_name ?? ''}
            theirs={conflicts.data?.theirs_name ?? ''}
            isShown={conflict.path === place.file}
          />
        ))}
      </section>
    </section>
  )
}

interface StandingProps {
  path: string
  status: GitStatus
  open: number
  onClose: () => void
}

/** How many files wait, and the ends of the merge. */
function Standing({ path, status, open, onClose }: StandingProps) {
  const acting = useFinishing(path, onClose)
  const waiting = status.entries.filter((each) => each.is_conflicted).length
  if (status.state === 'clean' && waiting === 0) {
    return (
      <EmptyState icon={<IconCheck size={20} stroke={1.5} aria-hidden />} title="No merge is open">
        Merge a branch from the menu of branches; what both sides changed is decided here.
      </EmptyState>
    )
  }
  const count = Math.max(waiting, open)
  return (
    <>
      <Note
        tone={waiting > 0 ? 'warning' : 'success'}
        role="status"
        actions={
          status.is_writable && (
            <>
              <Button size="small" busy={acting.isPending} onClick={acting.abort}>
                Abort merge
              </Button>
              {status.state !== 'clean' && (
                <Button
                  size="small"
                  variant="primary"
                  icon={<IconGitMerge size={14} stroke={1.5} aria-hidden />}
                  busy={acting.isPending}
                  disabledReason={waiting > 0 ? 'Some files are not decided yet.' : null}
                  onClick={acting.finish}
                >
                  Finish merge
                </Button>
              )}
            </>
          )
        }
      >
        {waiting > 0
          ? `${count === 1 ? 'One file was' : `${count} files were`} changed on both sides and ${count === 1 ? 'needs' : 'need'} a decision. All else is merged.`
          : 'Everything is decided. Finish the merge to commit it.'}
      </Note>
      {acting.error && <ErrorMessage error={acting.error} />}
    </>
  )
}
