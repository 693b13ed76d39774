import { queryOptions } from '@tanstack/react-query'
import { create } from 'zustand'
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

export interface GitMark {
  letter: string
  /** What the letter stands for. */
  words: string
  tone: 'success' | 'warning' | 'danger' | 'info'
}

interface GitView {
  /** By share path: files that differ, and the folders they are in. */
  marks: ReadonlyMap<string, GitMark>
  /** By name: nodes that differ from the last commit. */
  nodes: ReadonlyMap<string, GitMark>
}

/** What the repository of this page says of files and nodes; filled once there is one. */
export const useGitView = create<GitView>(() => ({ marks: new Map(), nodes: new Map() }))
