import { queryOptions } from '@tanstack/react-query'
import { api, unwrap } from '../../api/client'
import { fileKeys } from '../../api/files'
import { flowKeys } from '../../api/flows'
import { type GitStatus, gitKeys } from '../../api/git'
import { queryClient } from '../../api/queryClient'
import type { components } from '../../api/schema'

type Schemas = components['schemas']
export type GitEntry = Schemas['GitEntry']
export type GitFileDiff = Schemas['GitFileDiff']
export type GitDiff = Schemas['GitDiff']
export type GitFlowDiff = Schemas['GitFlowDiff']
export type GitNodeChange = Schemas['GitNodeChange']
export type GitCommit = Schemas['GitCommitRead']
export type GitBranch = Schemas['GitBranch']
export type GitConflict = Schemas['GitConflict']
export type GitConflictPart = Schemas['GitConflictPart']
export type GitSelection = Partial<Schemas['GitSelection']>

const at = (path: string) => ({ path: { path } })

/** Two sides: with `staged` the last commit and the index, without anything the index and the files. */
export interface Sides {
  staged?: boolean
  from?: string
  to?: string
}

export const gitDiffQuery = (path: string, sides: Sides) =>
  queryOptions({
    queryKey: [...gitKeys.all, 'diff', path, sides],
    queryFn: ({ signal }) => unwrap(api.GET('/api/git/diff/{path}', { params: { ...at(path), query: sides }, signal })),
    staleTime: 2_000,
    placeholderData: (previous) => previous,
  })

export const flowDiffQuery = (path: string, sides: Sides) =>
  queryOptions({
    queryKey: [...gitKeys.all, 'flow-diff', path, sides],
    queryFn: ({ signal }) =>
      unwrap(api.GET('/api/git/flow-diff/{path}', { params: { ...at(path), query: sides }, signal })),
    staleTime: 2_000,
    retry: false,
  })

export const logQuery = (path: string, limit: number) =>
  queryOptions({
    queryKey: [...gitKeys.all, 'log', path, limit],
    queryFn: ({ signal }) =>
      unwrap(api.GET('/api/git/log/{path}', { params: { ...at(path), query: { all: true, limit } }, signal })),
    staleTime: 2_000,
    placeholderData: (previous) => previous,
  })

export const commitQuery = (path: string, id: string) =>
  queryOptions({
    queryKey: [...gitKeys.all, 'commit', path, id],
    queryFn: ({ signal }) =>
      unwrap(api.GET('/api/git/commit/{path}', { params: { ...at(path), query: { id } }, signal })),
    staleTime: Number.POSITIVE_INFINITY,
  })

export const branchesQuery = (path: string) =>
  queryOptions({
    queryKey: [...gitKeys.all, 'branches', path],
    queryFn: ({ signal }) => unwrap(api.GET('/api/git/branches/{path}', { params: at(path), signal })),
    staleTime: 2_000,
  })

export const stashesQuery = (path: string) =>
  queryOptions({
    queryKey: [...gitKeys.all, 'stashes', path],
    queryFn: ({ signal }) => unwrap(api.GET('/api/git/stash/{path}', { params: at(path), signal })),
    staleTime: 0,
  })

export const conflictsQuery = (path: string) =>
  queryOptions({
    queryKey: [...gitKeys.all, 'conflicts', path],
    queryFn: ({ signal }) => unwrap(api.GET('/api/git/conflicts/{path}', { params: at(path), signal })),
    staleTime: 2_000,
  })

export const credentialsQuery = queryOptions({
  queryKey: ['git', 'credentials'],
  queryFn: ({ signal }) => unwrap(api.GET('/api/git-credentials', { signal })),
})

export const identityQuery = queryOptions({
  queryKey: ['git-identity'],
  queryFn: ({ signal }) => unwrap(api.GET('/api/git-identity', { signal })),
})

/** Everything that git says, and the files it may have changed, are read again; what is shown does not wait for it. */
export function forgetGit(): void {
  for (const queryKey of [gitKeys.all, fileKeys.all, flowKeys.all]) void queryClient.invalidateQueries({ queryKey })
}

/** The verb has changed the repository: what it says of itself now is known at once. */
function known(path: string, status: GitStatus): GitStatus {
  queryClient.setQueryData(gitKeys.status(path), status)
  forgetGit()
  return status
}

const selection = ({ paths = [], file = null, hunks = [] }: GitSelection) => ({ paths, file, hunks })

export const gitActs = {
  init: async (path: string, branch: string, ignore: string[]) =>
    known(path, await unwrap(api.POST('/api/git/init/{path}', { params: at(path), body: { branch, ignore } }))),
  ignore: async (path: string, patterns: string[]) =>
    known(path, await unwrap(api.POST('/api/git/ignore/{path}', { params: at(path), body: { patterns } }))),
  stage: async (path: string, what: GitSelection) =>
    known(path, await unwrap(api.POST('/api/git/stage/{path}', { params: at(path), body: selection(what) }))),
  unstage: async (path: string, what: GitSelection) =>
    known(path, await unwrap(api.POST('/api/git/unstage/{path}', { params: at(path), body: selection(what) }))),
  discard: async (path: string, what: GitSelection) => {
    const done = await unwrap(api.POST('/api/git/discard/{path}', { params: at(path), body: selection(what) }))
    known(path, done.status)
    return done.trash
  },
  commit: async (path: string, body: { message: string; amend: boolean; sign_off: boolean }) => {
    const done = await unwrap(api.POST('/api/git/commit/{path}', { params: at(path), body }))
    known(path, done.status)
    return done.commit
  },
  restore: async (path: string, commit: string) => {
    const done = await unwrap(api.POST('/api/git/restore/{path}', { params: at(path), body: { commit } }))
    forgetGit()
    return done.trash
  },
  switchTo: async (path: string, to: string) =>
    known(path, await unwrap(api.POST('/api/git/switch/{path}', { params: at(path), body: { to } }))),
  branch: async (path: string, name: string, start: string | null) => {
    await api.POST('/api/git/branches/{path}', { params: at(path), body: { name, start, switch: true } })
    forgetGit()
  },
  deleteBranch: async (path: string, name: string, force: boolean) => {
    await api.DELETE('/api/git/branches/{path}', { params: { ...at(path), query: { name, force } } })
    forgetGit()
  },
  stash: async (path: string, message: string) =>
    known(
      path,
      await unwrap(api.POST('/api/git/stash/{path}', { params: at(path), body: { message, include_untracked: true } })),
    ),
  applyStash: async (path: string, commit: string) =>
    known(
      path,
      await unwrap(api.POST('/api/git/stash-apply/{path}', { params: at(path), body: { commit, drop: true } })),
    ),
  dropStash: async (path: string, commit: string) =>
    known(path, await unwrap(api.DELETE('/api/git/stash/{path}', { params: { ...at(path), query: { commit } } }))),
  merge: async (path: string, branch: string) => {
    const done = await unwrap(api.POST('/api/git/merge/{path}', { params: at(path), body: { branch } }))
    known(path, done.status)
    return done.result
  },
  abort: async (path: string) => known(path, await unwrap(api.POST('/api/git/abort/{path}', { params: at(path) }))),
  resolve: async (path: string, body: Schemas['GitResolve']) =>
    known(path, await unwrap(api.POST('/api/git/resolve/{path}', { params: at(path), body }))),
}

export async function setIdentity(name: string, address: string): Promise<void> {
  const kept = await unwrap(api.PUT('/api/git-identity', { body: { name, address, is_default: false } }))
  queryClient.setQueryData(identityQuery.queryKey, kept)
}
