import { queryOptions } from '@tanstack/react-query'
import { api, unwrap } from './client'
import type { components } from './schema'

export type Status = components['schemas']['StatusRead']
export type TrashEntry = components['schemas']['TrashEntry']

export const statusQuery = queryOptions({
  queryKey: ['status'],
  queryFn: ({ signal }) => unwrap(api.GET('/api/status', { signal })),
})

export const trashQuery = queryOptions({
  queryKey: ['trash'],
  queryFn: async ({ signal }) => (await unwrap(api.GET('/api/trash', { signal }))).entries,
  staleTime: 0,
})
