import { queryOptions } from '@tanstack/react-query'
import { api, unwrap } from './client'
import type { components } from './schema'

export type GitStatus = components['schemas']['GitStatus']

export const gitKeys = {
  all: ['git'] as const,
  status: (path: string) => ['git', 'status', path] as const,
}

/** How the repository around a path stands. A terminal may change it without any file being another: asked now and then. */
export const gitStatusQuery = (path: string) =>
  queryOptions({
    queryKey: gitKeys.status(path),
    queryFn: ({ signal }) => unwrap(api.GET('/api/git/status/{path}', { params: { path: { path } }, signal })),
    staleTime: 2_000,
    refetchInterval: 10_000,
  })
