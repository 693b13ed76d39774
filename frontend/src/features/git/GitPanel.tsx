import { useQuery } from '@tanstack/react-query'
import { type GitStatus, gitStatusQuery } from '../../api/git'
import { ErrorMessage, Note } from '../../components/Note'
import { Skeleton } from '../../components/Skeleton'
import { useDelayed } from '../../lib/useDelayed'
import { BranchBar } from './BranchBar'
import { ChangedFiles } from './ChangedFiles'
import { CommitBox } from './CommitBox'
import styles from './git.module.css'
import { LogPanel } from './LogPanel'
import { MakeRepository } from './MakeRepository'
import { MergePart } from './MergePart'
import type { ChangesSearch } from './place'

interface GitPanelProps {
  path: string
  /** Shows what changed in the main area. */
  onShow: (place: ChangesSearch) => void
}

/** The repository beside what it holds: its branch, what changed, the commit box and the log. */
export function GitPanel({ path, onShow }: GitPanelProps) {
  const { data: status, error, isPending, refetch } = useQuery(gitStatusQuery(path))
  const isSlow = useDelayed(isPending)
  if (error && !status) {
    return (
      <div className={styles.panel}>
        <ErrorMessage bar error={error} title="The repository could not be read." onRetry={() => void refetch()} />
      </div>
    )
  }
  if (!status) return isSlow ? <PanelSkeleton /> : null
  return (
    <section className={styles.panel} aria-label="Git">
      {status.note && (
        <Note bar tone="warning">
          {status.note}
        </Note>
      )}
      {status.repository === null ? (
        <MakeRepository path={path} status={status} />
      ) : (
        <Repository path={path} status={status} onShow={onShow} />
      )}
    </section>
  )
}

function Repository({ path, status, onShow }: GitPanelProps & { status: GitStatus }) {
  return (
    <>
      <BranchBar path={path} status={status} />
      {status.state !== 'clean' && <MergePart path={path} status={status} onShow={onShow} />}
      <ChangedFiles path={path} status={status} onShow={onShow} />
      <CommitBox path={path} status={status} />
      <LogPanel path={path} status={status} onShow={onShow} />
    </>
  )
}

function PanelSkeleton() {
  return (
    <div className={styles.skeleton} aria-busy="true">
      {[1, 2, 3, 4, 5].map((row) => (
        <Skeleton key={row} width="100%" height={24} />
      ))}
    </div>
  )
}
