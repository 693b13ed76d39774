import { infiniteQueryOptions, queryOptions } from '@tanstack/react-query'
import { address } from '../lib/base'
import { encodePath } from '../lib/paths'
import { api, send, unwrap } from './client'
import { fileKeys } from './files'
import { forgetFlows } from './flows'
import { queryClient } from './queryClient'
import type { components } from './schema'

export type HistoryEntry = components['schemas']['HistoryEntryRead']
export type HistoryVersion = components['schemas']['HistoryVersionRead']
export type FileDiff = components['schemas']['FileDiffRead']
export type HistoryDiff = components['schemas']['HistoryDiff']
export type HistoryRetention = components['schemas']['HistoryRetention']
export type HistoryRemoval = components['schemas']['HistoryRemoval']

export const historyKeys = {
  all: ['history'] as const,
  timeline: (path: string) => ['history', 'timeline', path] as const,
  diff: (path: string) => ['history', 'diff', path] as const,
  retention: ['history', 'retention'] as const,
}

/** What happened to a file, folder or flow, newest first, a page at a time; `every` tells each save of an entry. */
export const timelineQuery = (path: string, every: boolean) =>
  infiniteQueryOptions({
    queryKey: [...historyKeys.timeline(path), every],
    queryFn: ({ pageParam, signal }) =>
      unwrap(
        api.GET('/api/history/{path}', {
          params: { path: { path }, query: { every, ...(pageParam === null ? {} : { before: pageParam }) } },
          signal,
        }),
      ),
    initialPageParam: null as number | null,
    getNextPageParam: (page) => page.next,
    staleTime: 0,
  })

/** How files at or below a path differ. Without `from` the version before `to`, without `to` what is on disk now. */
export const diffQuery = (path: string, from: string | null, to: string | null) =>
  queryOptions({
    queryKey: [...historyKeys.diff(path), from, to],
    queryFn: ({ signal }) =>
      unwrap(
        api.GET('/api/history-diff/{path}', {
          params: { path: { path }, query: { ...(from ? { from } : {}), ...(to ? { to } : {}) } },
          signal,
        }),
      ),
    staleTime: to ? Number.POSITIVE_INFINITY : 0,
  })

/** What was at a path in a version; of a folder, what was in it. */
export const versionQuery = (path: string, version: string) =>
  queryOptions({
    queryKey: ['history', 'version', path, version],
    queryFn: ({ signal }) =>
      unwrap(api.GET('/api/history-version/{path}', { params: { path: { path }, query: { version } }, signal })),
    staleTime: Number.POSITIVE_INFINITY,
  })

const contentPath = (path: string, version: string) =>
  `/api/history-content/${encodePath(path)}?version=${encodeURIComponent(version)}`

/** Where a file as it was is downloaded from. */
export const versionContentAddress = (path: string, version: string): string => address(contentPath(path, version))

/** The text of a file as it was; null where its bytes are no text. */
export async function readVersionText(path: string, version: string, signal?: AbortSignal): Promise<string | null> {
  const response = await send(contentPath(path, version), signal ? { signal } : {})
  try {
    const text = new TextDecoder('utf-8', { fatal: true, ignoreBOM: true }).decode(await response.arrayBuffer())
    return text.includes('\u0000') ? null : text
  } catch {
    return null
  }
}

/** Makes a path what it was; `undo` is the version that brings back what was there before. */
export async function restoreVersion(path: string, version: string) {
  const done = await unwrap(
    api.POST('/api/history-restore/{path}', { params: { path: { path } }, body: { version, paths: [] } }),
  )
  await forgetHistory()
  await Promise.all([forgetFlows(), queryClient.invalidateQueries({ queryKey: fileKeys.all })])
  return done
}

export async function forgetHistory(): Promise<void> {
  await queryClient.invalidateQueries({ queryKey: historyKeys.all })
}

export interface RetentionRule {
  days?: number
  keep?: number
}

/** The rule by which versions go, and what goes by it now. */
export const retentionQuery = (rule: RetentionRule) =>
  queryOptions({
    queryKey: [...historyKeys.retention, rule.days ?? null, rule.keep ?? null],
    queryFn: ({ signal }) => unwrap(api.GET('/api/history-retention', { params: { query: rule }, signal })),
    staleTime: 0,
  })

/** Lets go at once of what the rule lets go of; tells what went. */
export async function applyRetention(rule: RetentionRule): Promise<HistoryRetention> {
  const gone = await unwrap(api.POST('/api/history-retention', { body: rule }))
  await forgetHistory()
  return gone
}

/** Removes what a file held from its history for good, or with `dryRun` only tells what would go. */
export async function removeContent(
  path: string,
  { version, dryRun, signal }: { version: string | null; dryRun: boolean; signal?: AbortSignal },
): Promise<HistoryRemoval> {
  const done = await unwrap(
    api.POST('/api/history-removal/{path}', {
      params: { path: { path }, query: { dry_run: dryRun, ...(version ? { version } : {}) } },
      ...(signal ? { signal } : {}),
    }),
  )
  if (!dryRun) await forgetHistory()
  return done
}
