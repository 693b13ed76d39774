import { IconGitBranch } from '@tabler/icons-react'
import { useMutation } from '@tanstack/react-query'
import { useState } from 'react'
import type { GitStatus } from '../../api/git'
import { Button } from '../../components/Button'
import { EmptyState } from '../../components/EmptyState'
import { Checkbox } from '../../components/Field'
import { ErrorMessage } from '../../components/Note'
import { useReadOnlyReason } from '../history/mayWrite'
import styles from './git.module.css'
import { gitActs } from './requests'

/** A folder without a repository: what one is for, and what it should not keep. */
export function MakeRepository({ path, status }: { path: string; status: GitStatus }) {
  const reason = useReadOnlyReason(path)
  const [without, setWithout] = useState<ReadonlySet<string>>(new Set())
  const proposals = status.ignore_proposals
  const making = useMutation({
    mutationFn: () =>
      gitActs.init(
        path,
        'main',
        proposals.map(({ pattern }) => pattern).filter((pattern) => !without.has(pattern)),
      ),
  })
  const choose = (pattern: string, isIn: boolean) => {
    const next = new Set(without)
    if (isIn) next.delete(pattern)
    else next.add(pattern)
    setWithout(next)
  }
  return (
    <EmptyState
      icon={<IconGitBranch size={20} stroke={1.5} aria-hidden />}
      title="No repository"
      actions={
        <Button variant="primary" busy={making.isPending} disabledReason={reason} onClick={() => making.mutate()}>
          Make this folder a repository
        </Button>
      }
    >
      <p>With git you commit versions, work on branches, and share them with others.</p>
      {proposals.length > 0 && (
        <fieldset className={styles.proposals}>
          <legend className="section-title">Left out of it</legend>
          {proposals.map(({ pattern, reason: why }) => (
            <div key={pattern}>
              <Checkbox label={pattern} checked={!without.has(pattern)} onChange={(isIn) => choose(pattern, isIn)} />
              <span className="small secondary">{why}</span>
            </div>
          ))}
        </fieldset>
      )}
      {making.error && <ErrorMessage error={making.error} />}
    </EmptyState>
  )
}
