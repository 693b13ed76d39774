import { queryOptions } from '@tanstack/react-query'
import { address } from '../lib/base'
import { encodePath, joinPath, parentPath } from '../lib/paths'
import { api, unwrap } from './client'
import { deleteEntry, fileKeys, moveEntry } from './files'
import { queryClient } from './queryClient'
import type { components } from './schema'

export type FlowItem = components['schemas']['FlowItem']
export type Flow = components['schemas']['FlowRead']
export type FlowNode = components['schemas']['FlowNode']
export type FlowProblem = components['schemas']['FlowProblem']
export type NewFlow = components['schemas']['FlowCreate']

export const flowKeys = {
  all: ['flows'] as const,
  list: ['flows', 'list'] as const,
  detail: (path: string) => ['flows', 'detail', path] as const,
}

export const flowsQuery = queryOptions({
  queryKey: flowKeys.list,
  queryFn: async ({ signal }) => (await unwrap(api.GET('/api/flows', { signal }))).flows,
})

export const flowQuery = (path: string) =>
  queryOptions({
    queryKey: flowKeys.detail(path),
    queryFn: ({ signal }) => unwrap(api.GET('/api/flows/{path}', { params: { path: { path } }, signal })),
  })

export async function createFlow(flow: NewFlow): Promise<string> {
  const { path } = await unwrap(api.POST('/api/flows', { body: flow }))
  await forgetFlows()
  return path
}

export async function renameFlow(path: string, name: string): Promise<string> {
  const ending = path.endsWith('.prompty') && !name.endsWith('.prompty') ? '.prompty' : ''
  const target = joinPath(parentPath(path), name + ending)
  await moveEntry(path, target)
  await forgetFlows()
  return target
}

/** Puts the flow into the trash; the id brings it back. */
export async function deleteFlow(path: string): Promise<string> {
  const id = await deleteEntry(path)
  await forgetFlows()
  return id
}

export async function forgetFlows(): Promise<void> {
  await Promise.all([
    queryClient.invalidateQueries({ queryKey: flowKeys.all }),
    queryClient.invalidateQueries({ queryKey: fileKeys.all }),
  ])
}

export interface ExportOptions {
  /** Take repositories' own folders in. */
  git: boolean
  /** Take in what a `.gitignore` names. */
  ignored: boolean
}

/** Where a folder's zip is downloaded from. */
export function exportAddress(path: string, options?: ExportOptions): string {
  const query = options ? `?git=${options.git}&ignored=${options.ignored}` : ''
  return address(`/api/export/${encodePath(path)}${query}`)
}
