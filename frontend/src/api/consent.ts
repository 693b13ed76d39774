import { api } from './client'
import { ApiError } from './errors'

/** What there is to agree to before somebody else's flow runs with one's own connections. */
export interface Consent {
  connections: string[]
  owner: string
  snapshot: string
}

/** What the refusal of a run asks for, or null where it is another one. */
export function consentAsked(error: unknown): Consent | null {
  if (!(error instanceof ApiError) || error.code !== 'consent_required') return null
  return error.problem.consent as Consent
}

export async function giveConsent(path: string, { snapshot, connections }: Consent): Promise<void> {
  await api.POST('/api/consent/{path}', { params: { path: { path } }, body: { snapshot, connections } })
}
