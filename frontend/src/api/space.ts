import { queryOptions } from '@tanstack/react-query'
import { api, unwrap } from './client'
import { forgetFlows } from './flows'
import { queryClient } from './queryClient'
import type { components } from './schema'
import { statusQuery, trashQuery } from './status'

export type Space = components['schemas']['SpaceRead']
export type Use = components['schemas']['UseRead']
export type UserUse = components['schemas']['UserUseRead']
export type FlowUse = components['schemas']['FlowUseRead']

/** Use by user, flow and kind, measured when it is asked for. */
export const spaceQuery = queryOptions({
  queryKey: ['space'],
  queryFn: ({ signal }) => unwrap(api.GET('/api/space', { signal })),
  staleTime: 0,
})

/** What was freed shows wherever space is told. */
export async function forgetSpace(): Promise<void> {
  const stale = [spaceQuery.queryKey, statusQuery.queryKey, trashQuery.queryKey]
  await Promise.all(stale.map((queryKey) => queryClient.invalidateQueries({ queryKey })))
}

/** Deletes for good what was deleted from a user's folder; tells how many entries went. */
export async function emptyTrash(owner: string): Promise<number> {
  const { removed } = await unwrap(api.DELETE('/api/trash', { params: { query: { owner } } }))
  await Promise.all([forgetSpace(), forgetFlows()])
  return removed
}

export async function deleteForGood(id: string): Promise<void> {
  await api.DELETE('/api/trash/{trash_id}', { params: { path: { trash_id: id } } })
  await forgetSpace()
}

/** Deletes what Python and its tools make anew by themselves, below a user's folder; tells what that was. */
export async function deleteCaches(owner: string): Promise<Use> {
  const gone = await unwrap(api.DELETE('/api/space/caches', { params: { query: { owner } } }))
  await Promise.all([forgetSpace(), forgetFlows()])
  return gone
}
