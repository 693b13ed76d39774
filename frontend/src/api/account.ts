import { queryOptions } from '@tanstack/react-query'
import { api, unwrap } from './client'
import { queryClient } from './queryClient'
import type { components } from './schema'

export type SignedIn = components['schemas']['SignedInRead']
export type PersonalToken = components['schemas']['PersonalTokenRead']
export type PersonalTokenMade = components['schemas']['PersonalTokenMade']
export type Scope = PersonalToken['scope']

export const scopeWords: Record<Scope, string> = {
  read: 'Read: sees what you see, clones',
  write: 'Write: everything that you may do',
  git: 'Git: clones and pushes, nothing else',
}

export const sessionsQuery = queryOptions({
  queryKey: ['sessions'],
  queryFn: async ({ signal }) => (await unwrap(api.GET('/api/sessions', { signal }))).sessions,
  staleTime: 0,
})

export const tokensQuery = queryOptions({
  queryKey: ['tokens'],
  queryFn: async ({ signal }) => (await unwrap(api.GET('/api/tokens', { signal }))).tokens,
  staleTime: 0,
})

export async function endSession(id: string): Promise<void> {
  try {
    await api.DELETE('/api/sessions/{session_id}', { params: { path: { session_id: id } } })
  } finally {
    await queryClient.invalidateQueries({ queryKey: sessionsQuery.queryKey })
  }
}

/** Ends every session, this one as well. */
export async function signOutEverywhere(tokens: boolean): Promise<void> {
  await api.POST('/api/sessions/sign-out-everywhere', { body: { tokens } })
}

export async function makeToken(body: {
  name: string
  scope: Scope
  expires_in_days: number
}): Promise<PersonalTokenMade> {
  const made = await unwrap(api.POST('/api/tokens', { body }))
  await queryClient.invalidateQueries({ queryKey: tokensQuery.queryKey })
  return made
}

export async function revokeToken(id: string): Promise<void> {
  try {
    await api.DELETE('/api/tokens/{token_id}', { params: { path: { token_id: id } } })
  } finally {
    await queryClient.invalidateQueries({ queryKey: tokensQuery.queryKey })
  }
}
