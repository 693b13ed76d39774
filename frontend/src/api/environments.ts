import { queryOptions } from '@tanstack/react-query'
import { readEvents } from '../features/authoring/run/stream'
import { encodePath } from '../lib/paths'
import { api, send, unwrap } from './client'
import { queryClient } from './queryClient'
import type { components } from './schema'

export type Environment = components['schemas']['EnvironmentRead']
export type EnvironmentPackage = components['schemas']['PackageRead']

const keyOf = (path: string) => ['environment', path] as const
const lookAgain = 1000

/** The packages a flow runs with; looked at again and again while they are being installed. */
export const environmentQuery = (path: string) =>
  queryOptions({
    queryKey: keyOf(path),
    queryFn: ({ signal }) => unwrap(api.GET('/api/environments/{path}', { params: { path: { path } }, signal })),
    refetchInterval: ({ state }) => (state.data?.state === 'building' ? lookAgain : false),
  })

export function refreshEnvironment(path: string): Promise<void> {
  return queryClient.invalidateQueries({ queryKey: keyOf(path) })
}

/** Begins to install; `fresh` builds anew what is there and asks for newer versions. */
export async function buildEnvironment(path: string, fresh: boolean): Promise<Environment> {
  const call = api.POST('/api/environments/{path}', { params: { path: { path } }, body: { fresh } })
  return keep(path, await unwrap(call))
}

export async function cancelBuild(path: string): Promise<Environment> {
  return keep(path, await unwrap(api.POST('/api/environment-cancel/{path}', { params: { path: { path } } })))
}

/** Takes the environment away; the next run installs the packages anew. */
export async function resetEnvironment(path: string): Promise<Environment> {
  return keep(path, await unwrap(api.DELETE('/api/environments/{path}', { params: { path: { path } } })))
}

/** What installing says, line by line, from its beginning to its end. */
export async function* environmentLog(path: string, signal: AbortSignal): AsyncGenerator<string> {
  const response = await send(`/api/environment-log/${encodePath(path)}`, { signal })
  if (!response.body) return
  for await (const { name, data } of readEvents(response.body)) {
    if (name === 'log') yield String((JSON.parse(data) as { line: string }).line)
  }
}

function keep(path: string, environment: Environment): Environment {
  queryClient.setQueryData(keyOf(path), environment)
  return environment
}
