import { queryOptions } from '@tanstack/react-query'
import { api, unwrap } from './client'
import { queryClient } from './queryClient'
import type { components } from './schema'

export type Person = components['schemas']['UserRead']
export type Role = Person['role']
export type Invitation = components['schemas']['InvitationRead']
export type InvitationMade = components['schemas']['InvitationMade']
export type LinkMade = components['schemas']['LinkMade']

export const roleWords: Record<Role, string> = {
  viewer: 'Viewer: reads everything',
  author: 'Author: also writes and runs their own flows',
  admin: 'Admin: also manages people and the studio',
}

export const peopleQuery = queryOptions({
  queryKey: ['people'],
  queryFn: async ({ signal }) => (await unwrap(api.GET('/api/users', { signal }))).users,
  staleTime: 0,
})

export const invitationsQuery = queryOptions({
  queryKey: ['invitations'],
  queryFn: async ({ signal }) => (await unwrap(api.GET('/api/invitations', { signal }))).invitations,
  staleTime: 0,
})

const forgetPeople = () => queryClient.invalidateQueries({ queryKey: peopleQuery.queryKey })
const forgetInvitations = () => queryClient.invalidateQueries({ queryKey: invitationsQuery.queryKey })

export async function changePerson(username: string, change: { role?: Role; is_disabled?: boolean }): Promise<Person> {
  const params = { path: { username } }
  try {
    return await unwrap(api.PATCH('/api/users/{username}', { params, body: change }))
  } finally {
    await forgetPeople()
  }
}

export async function createPerson(body: { username: string; password: string; role: Role }): Promise<Person> {
  const made = await unwrap(api.POST('/api/users', { body }))
  await forgetPeople()
  return made
}

export async function removePerson(username: string): Promise<void> {
  await api.DELETE('/api/users/{username}', { params: { path: { username } } })
  await Promise.all([forgetPeople(), forgetInvitations()])
}

/** A link by which somebody sets a new password. */
export async function makeResetLink(username: string): Promise<LinkMade> {
  return unwrap(api.POST('/api/users/{username}/reset', { params: { path: { username } } }))
}

export async function invite(body: {
  role: Role
  username: string | null
  expires_in_days: number
}): Promise<InvitationMade> {
  const made = await unwrap(api.POST('/api/invitations', { body }))
  await forgetInvitations()
  return made
}

export async function withdrawInvitation(id: string): Promise<void> {
  try {
    await api.DELETE('/api/invitations/{invitation_id}', { params: { path: { invitation_id: id } } })
  } finally {
    await Promise.all([forgetInvitations(), forgetPeople()])
  }
}
