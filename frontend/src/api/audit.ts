import { infiniteQueryOptions, queryOptions } from '@tanstack/react-query'
import { address } from '../lib/base'
import { api, unwrap } from './client'
import type { components } from './schema'

export type AuditEntry = components['schemas']['AuditEntryRead']

export interface AuditFilters {
  actor?: string
  act?: string
  text?: string
}

/** The log's newest entries first, page by page. */
export const auditQuery = (filters: AuditFilters) =>
  infiniteQueryOptions({
    queryKey: ['audit', filters],
    queryFn: ({ signal, pageParam }) =>
      unwrap(
        api.GET('/api/audit', {
          signal,
          params: { query: { ...filters, ...(pageParam === null ? {} : { before: pageParam }) } },
        }),
      ),
    initialPageParam: null as number | null,
    getNextPageParam: (page) => page.next,
    staleTime: 0,
  })

export const auditChoicesQuery = queryOptions({
  queryKey: ['audit choices'],
  queryFn: ({ signal }) => unwrap(api.GET('/api/audit/choices', { signal })),
})

export const auditCheckQuery = queryOptions({
  queryKey: ['audit check'],
  queryFn: ({ signal }) => unwrap(api.GET('/api/audit/check', { signal })),
  staleTime: 0,
})

export function auditDownload(filters: AuditFilters): string {
  return address(`/api/audit/download?${new URLSearchParams({ ...filters })}`)
}
