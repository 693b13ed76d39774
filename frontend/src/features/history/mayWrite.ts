import { useSuspenseQuery } from '@tanstack/react-query'
import { sessionQuery } from '../../api/session'
import { ownerOf } from '../../lib/paths'

/** Why this person may not change what is at a path, also where nothing is there any more; null if they may. */
export function useReadOnlyReason(path: string): string | null {
  const { data: session } = useSuspenseQuery(sessionQuery)
  const mayWrite = session?.role === 'admin' || ownerOf(path) === session?.username
  return mayWrite ? null : 'Only its owner can.'
}
