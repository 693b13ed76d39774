import { queryOptions } from '@tanstack/react-query'
import { address } from '../lib/base'
import { api, ownHeaders, unwrap } from './client'
import { queryClient } from './queryClient'
import type { components } from './schema'

type Schemas = components['schemas']
export type Connection = Schemas['ConnectionRead']
export type ConnectionType = Schemas['ConnectionTypeRead']
export type ConnectionField = Schemas['ConnectionFieldRead']
export type ConnectionTrial = Schemas['ConnectionTrialRead']
export type NewConnection = Schemas['ConnectionCreate']
export type ConnectionChange = Schemas['ConnectionUpdate']
export type Scope = Connection['scope']

export const connectionKeys = {
  all: ['connections'] as const,
  list: ['connections', 'list'] as const,
  trial: (key: string) => ['connections', 'trial', key] as const,
}

/** One's own and the workspace's connection may have the same name. */
export function connectionKey(connection: { scope: Scope; name: string }): string {
  return `${connection.scope}:${connection.name}`
}

export const connectionsQuery = queryOptions({
  queryKey: connectionKeys.list,
  queryFn: async ({ signal }) => (await unwrap(api.GET('/api/connections', { signal }))).connections,
})

export const connectionTypesQuery = queryOptions({
  queryKey: ['connection types'],
  queryFn: async ({ signal }) => (await unwrap(api.GET('/api/connection-types', { signal }))).types,
  staleTime: Number.POSITIVE_INFINITY,
})

const at = ({ name, scope }: { name: string; scope: Scope }) => ({ path: { name }, query: { scope } })

export async function createConnection(body: NewConnection): Promise<Connection> {
  const created = await unwrap(api.POST('/api/connections', { body }))
  await queryClient.invalidateQueries({ queryKey: connectionKeys.list })
  return created
}

export async function updateConnection(connection: Connection, body: ConnectionChange): Promise<Connection> {
  const updated = await unwrap(api.PUT('/api/connections/{name}', { params: at(connection), body }))
  queryClient.removeQueries({ queryKey: connectionKeys.trial(connectionKey(connection)) })
  await queryClient.invalidateQueries({ queryKey: connectionKeys.list })
  return updated
}

/** Also works while the page is being closed. */
export function deleteConnection({ name, scope }: Connection): Promise<Response> {
  return fetch(address(`/api/connections/${encodeURIComponent(name)}?scope=${scope}`), {
    method: 'DELETE',
    credentials: 'same-origin',
    headers: ownHeaders('DELETE'),
    keepalive: true,
  })
}

/** Asks the server of a connection; the answer is kept beside the connection. */
export async function tryConnection(connection: Connection): Promise<ConnectionTrial> {
  const trial = await unwrap(api.POST('/api/connections/{name}/test', { params: at(connection) }))
  queryClient.setQueryData(connectionKeys.trial(connectionKey(connection)), { ...trial, at: Date.now() })
  return trial
}

/** The last trial of this visit, if there was one. */
export const trialQuery = (key: string) =>
  queryOptions<(ConnectionTrial & { at: number }) | null>({
    queryKey: connectionKeys.trial(key),
    queryFn: () => null,
    enabled: false,
    staleTime: Number.POSITIVE_INFINITY,
    gcTime: Number.POSITIVE_INFINITY,
  })
