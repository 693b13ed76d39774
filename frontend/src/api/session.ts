import { queryOptions } from '@tanstack/react-query'
import { api, unwrap } from './client'
import { ApiError } from './errors'
import { queryClient } from './queryClient'
import type { components } from './schema'
import { signedInWith } from './signedIn'

export type Session = components['schemas']['SessionRead']
export type LinkPerson = components['schemas']['LinkRead']

const sessionKey = ['session']

function accept(session: Session): Session {
  signedInWith(session.csrf_token)
  queryClient.setQueryData(sessionKey, session)
  return session
}

/** Who is signed in, or null. */
export const sessionQuery = queryOptions<Session | null>({
  queryKey: sessionKey,
  queryFn: async ({ signal }) => {
    try {
      const session = await unwrap(api.GET('/api/auth/session', { signal }))
      signedInWith(session.csrf_token)
      return session
    } catch (error) {
      if (error instanceof ApiError && error.status === 401) return null
      throw error
    }
  },
  staleTime: Number.POSITIVE_INFINITY,
})

export async function signIn(username: string, password: string): Promise<Session> {
  return accept(await unwrap(api.POST('/api/auth/session', { body: { username, password } })))
}

/** Whom a one-time link signs in. Reading does not use it up. */
export async function readLink(token: string): Promise<LinkPerson> {
  return unwrap(api.POST('/api/auth/link/read', { body: { token } }))
}

export async function signInByLink(token: string, choice: { username?: string; password?: string }): Promise<Session> {
  return accept(await unwrap(api.POST('/api/auth/link', { body: { token, ...choice } })))
}

const sessionChannel = 'pfstudio session'

/** Ends the session here and in every other page of this browser. */
export async function signOut(): Promise<void> {
  await api.DELETE('/api/auth/session')
  new BroadcastChannel(sessionChannel).postMessage('out')
}

export function onSignedOutElsewhere(act: () => void): () => void {
  const channel = new BroadcastChannel(sessionChannel)
  channel.onmessage = act
  return () => channel.close()
}

/** Changes one's own password; `current` is null for who has none yet. This session stays, all others end. */
export async function changePassword(fresh: string, current: string | null): Promise<void> {
  await api.POST('/api/auth/password', { body: { new: fresh, ...(current === null ? {} : { current }) } })
}
