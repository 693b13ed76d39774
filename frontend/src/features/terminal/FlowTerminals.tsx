import { useSuspenseQuery } from '@tanstack/react-query'
import { sessionQuery } from '../../api/session'
import { ownerOf } from '../../lib/paths'
import { TerminalPane } from './TerminalPane'

/** The terminals in a flow's folder, and one's own where the flow is somebody else's. */
export function FlowTerminals({ path }: { path: string }) {
  const { data: session } = useSuspenseQuery(sessionQuery)
  if (!session) return null
  if (ownerOf(path) === session.username) return <TerminalPane folder={path} within={path} opens="first" />
  return (
    <TerminalPane
      folder={session.studio.share_root}
      within={null}
      opens="never"
      hint="This flow is in somebody else's folder. Terminals open in your own, and read the others."
    />
  )
}
