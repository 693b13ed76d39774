import { IconGitMerge, IconPlus, IconTrash } from '@tabler/icons-react'
import { useQuery } from '@tanstack/react-query'
import { type ReactNode, useState } from 'react'
import { ApiError } from '../../api/errors'
import type { GitStatus } from '../../api/git'
import type { MenuEntry } from '../../components/Menu'
import { toast } from '../../components/Toasts'
import { BranchDialog } from './BranchDialog'
import { branchesQuery, type GitBranch, gitActs } from './requests'

const look = { size: 16, stroke: 1.5, 'aria-hidden': true } as const
const mostShown = 12

type Asked = 'create' | 'merge' | 'delete' | 'switch'

/** The branches to switch to, and what else one does with branches. */
export function useBranchMenu(path: string, status: GitStatus): { entries: MenuEntry[]; dialogs: ReactNode } {
  const [asked, setAsked] = useState<Asked | null>(null)
  const { data } = useQuery(branchesQuery(path))
  const branches = data?.branches ?? []
  const reason = status.is_writable ? null : 'Only its owner can.'
  const local = branches.filter((branch) => !branch.is_remote)
  const others = branches.filter((branch) => isOnlyRemote(branch, local))
  const shown = [...local, ...others].slice(0, mostShown)
  const hasMore = local.length + others.length > shown.length
  const state = status.state === 'clean' ? reason : 'Finish or abort what is open first.'
  const entries: MenuEntry[] = [
    { heading: 'Switch to' },
    {
      options: shown.map(({ name }) => ({ value: name, label: name })),
      value: status.branch ?? '',
      onChoose: (name) => void (name !== status.branch && !state && switchTo(path, name)),
    },
    hasMore && { label: 'Another branch or commit…', onSelect: () => setAsked('switch') },
    'line',
    {
      label: 'New branch',
      icon: <IconPlus {...look} />,
      disabledReason: state,
      onSelect: () => setAsked('create'),
    },
    {
      label: `Merge into ${status.branch ?? 'HEAD'}`,
      icon: <IconGitMerge {...look} />,
      disabledReason: state ?? (branches.length < 2 ? 'There is no other branch.' : null),
      onSelect: () => setAsked('merge'),
    },
    {
      label: 'Delete a branch',
      icon: <IconTrash {...look} />,
      danger: true,
      disabledReason: reason ?? (local.length < 2 ? 'There is no other branch.' : null),
      onSelect: () => setAsked('delete'),
    },
  ]
  return {
    entries,
    dialogs: asked && (
      <BranchDialog asked={asked} path={path} status={status} branches={branches} onClose={() => setAsked(null)} />
    ),
  }
}

const isOnlyRemote = (branch: GitBranch, local: readonly GitBranch[]): boolean =>
  branch.is_remote &&
  !branch.name.endsWith('/HEAD') &&
  !local.some(({ upstream, name }) => upstream === branch.name || branch.name.endsWith(`/${name}`))

/** Goes to another branch; says why not, such as which files it would overwrite. */
export async function switchTo(path: string, name: string): Promise<void> {
  try {
    await gitActs.switchTo(path, name)
    toast.say(`You are on ${name} now.`)
  } catch (error) {
    if (error instanceof ApiError || error instanceof TypeError) toast.fail(error)
    else throw error
  }
}
