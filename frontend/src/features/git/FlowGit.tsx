import { useNavigate, useSearch } from '@tanstack/react-router'
import type { GitStatus } from '../../api/git'
import { useAuthoring, useKind } from '../authoring/state/context'
import { GitWatcher } from './GitWatcher'
import { MainView } from './MainView'
import { MergePart } from './MergePart'
import { type ChangesSearch, changesSearch } from './place'

function useShow() {
  const { session } = useAuthoring()
  const navigate = useNavigate()
  return (search: ChangesSearch) => void navigate({ to: '/flows/$', params: { _splat: session.address }, search })
}

/** What the repository around a flow says on its page. */
export function FlowGit({ status, isQuiet }: { status: GitStatus; isQuiet?: boolean }) {
  const { session } = useAuthoring()
  const isFlow = useKind() === 'dag'
  const show = useShow()
  return (
    <>
      <GitWatcher path={session.path} status={status} isFlow={isFlow} hasBranch />
      {status.state !== 'clean' && !isQuiet && <MergePart path={session.path} status={status} onShow={show} />}
    </>
  )
}

/** What changed in a flow, or a merge of it, in place of its cards. */
export function FlowGitMain() {
  const { session } = useAuthoring()
  const isFlow = useKind() === 'dag'
  const show = useShow()
  const place = changesSearch(useSearch({ strict: false }))
  return <MainView path={session.path} isFlow={isFlow} place={place} onShow={show} onClose={() => show({})} />
}
