import { IconChevronDown, IconGitBranch } from '@tabler/icons-react'
import { useQuery } from '@tanstack/react-query'
import { useEffect, useRef } from 'react'
import { useEvents } from '../../api/events'
import { type GitStatus, gitKeys, useGitView } from '../../api/git'
import { queryClient } from '../../api/queryClient'
import { TopBarEnd } from '../../app/TopBar'
import { Button } from '../../components/Button'
import { Menu } from '../../components/Menu'
import styles from './git.module.css'
import { marksOf, nodeMarks } from './marks'
import { flowDiffQuery } from './requests'
import { useBranchMenu } from './useBranchMenu'

interface GitWatcherProps {
  path: string
  status: GitStatus
  isFlow: boolean
  hasBranch: boolean
}

/** Says in the trees, the graph and the top bar how the repository of this page stands. */
export function GitWatcher({ path, status, isFlow, hasBranch }: GitWatcherProps) {
  const { repository, entries } = status
  useFollowing(path, status)
  const { data: nodes } = useQuery({
    ...flowDiffQuery(path, {}),
    enabled: isFlow && entries.length > 0 && status.commit !== null,
  })
  useEffect(() => {
    useGitView.setState({ marks: marksOf(entries, repository ?? '') })
    return () => useGitView.setState({ marks: new Map() })
  }, [entries, repository])
  const changed = entries.length > 0 ? nodes?.nodes : undefined
  useEffect(() => {
    useGitView.setState({ nodes: nodeMarks(changed ?? []) })
    return () => useGitView.setState({ nodes: new Map() })
  }, [changed])
  return hasBranch && repository !== null ? (
    <TopBarEnd>
      <BranchChip path={path} status={status} />
    </TopBarEnd>
  ) : null
}

/** What was read of the repository is read again when files or its own state have become others. */
function useFollowing(
  path: string,
  { repository, commit, branch, state, stash_count, ahead, behind }: GitStatus,
): void {
  const timer = useRef<ReturnType<typeof setTimeout>>(undefined)
  // What a terminal stages or commits changes nothing but files of git.
  useEvents(repository === null ? [path] : [repository, `${repository}/.git`], () => {
    clearTimeout(timer.current)
    timer.current = setTimeout(() => void queryClient.invalidateQueries({ queryKey: gitKeys.all }), 250)
  })
  useEffect(() => () => clearTimeout(timer.current), [])
  const standing = JSON.stringify([commit, branch, state, stash_count, ahead, behind])
  const known = useRef(standing)
  useEffect(() => {
    if (known.current === standing) return
    known.current = standing
    const isOther = ({ queryKey }: { queryKey: readonly unknown[] }) => queryKey[1] !== 'status'
    void queryClient.invalidateQueries({ queryKey: gitKeys.all, predicate: isOther })
  }, [standing])
}

function BranchChip({ path, status }: { path: string; status: GitStatus }) {
  const menu = useBranchMenu(path, status)
  return (
    <>
      <Menu position="bottom-end" width={280} entries={menu.entries}>
        <Button
          variant="ghost"
          size="small"
          icon={<IconGitBranch size={16} stroke={1.5} aria-hidden />}
          aria-label={`Branch ${nameOf(status)}${distance(status)}`}
        >
          <span className={`${styles.branchName} mono truncate`}>{nameOf(status)}</span>
          <Distance status={status} />
          <IconChevronDown size={12} stroke={2} aria-hidden />
        </Button>
      </Menu>
      {menu.dialogs}
    </>
  )
}

export const nameOf = (status: GitStatus): string => status.branch ?? `at ${(status.commit ?? '').slice(0, 7)}`

const distance = ({ ahead, behind }: GitStatus): string =>
  [ahead > 0 && `, ${ahead} ahead`, behind > 0 && `, ${behind} behind`].filter(Boolean).join('')

export function Distance({ status: { ahead, behind } }: { status: GitStatus }) {
  if (ahead + behind === 0) return null
  return (
    <span className="small secondary" aria-hidden>
      {ahead > 0 && `↑${ahead}`} {behind > 0 && `↓${behind}`}
    </span>
  )
}
