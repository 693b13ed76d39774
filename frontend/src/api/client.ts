import createClient, { type FetchResponse } from 'openapi-fetch'
import { address, basePath } from '../lib/base'
import { encodePath } from '../lib/paths'
import { errorFrom } from './errors'
import { queryClient } from './queryClient'
import type { paths } from './schema'
import { csrfToken, signedOut } from './signedIn'

/** Nothing can be saved just now, for everybody: the banner says so at once. */
const notNow = new Set(['studio_read_only', 'share_read_only', 'share_gone'])

/** Headers every request of ours bears. The token shows that it came from our page. */
export function ownHeaders(method: string): Record<string, string> {
  const token = csrfToken()
  return token && method !== 'GET' && method !== 'HEAD' ? { 'X-CSRF-Token': token } : {}
}

async function refuse(response: Response): Promise<never> {
  if (response.status === 401 && !response.url.includes('/api/auth/')) signedOut()
  const error = await errorFrom(response)
  // The banner over every page tells it, and looks for the end of it.
  if (notNow.has(error.code)) void queryClient.invalidateQueries({ queryKey: ['status'] })
  throw error
}

/** The studio's API with the types of its OpenAPI description. Refusals are thrown as `ApiError`. */
export const api = createClient<paths>({
  baseUrl: basePath || location.origin,
  credentials: 'same-origin',
  pathSerializer: (pathname, parameters) =>
    pathname.replace(/\{([^}]+)\}/g, (_, name: string) => encodePath(String(parameters[name] ?? ''))),
})

api.use({
  onRequest: ({ request }) => {
    for (const [name, value] of Object.entries(ownHeaders(request.method))) request.headers.set(name, value)
    return request
  },
  onResponse: async ({ response }) => {
    if (!response.ok) await refuse(response)
    return response
  },
})

/** The body of an answer that has one. */
// biome-ignore lint/suspicious/noExplicitAny: the shape of openapi-fetch's own generic bound.
export async function unwrap<Operation extends Record<string | number, any>, Init, Media extends `${string}/${string}`>(
  answer: Promise<FetchResponse<Operation, Init, Media>>,
): Promise<NonNullable<FetchResponse<Operation, Init, Media>['data']>> {
  const { data } = await answer
  return data as NonNullable<FetchResponse<Operation, Init, Media>['data']>
}

/** A request for bytes or a stream; `path` is relative to the studio, such as `/api/content/…`. */
export async function send(path: string, init: RequestInit = {}): Promise<Response> {
  const headers = new Headers(init.headers)
  for (const [name, value] of Object.entries(ownHeaders(init.method ?? 'GET'))) headers.set(name, value)
  const response = await fetch(address(path), { credentials: 'same-origin', ...init, headers })
  if (!response.ok && response.status !== 304) await refuse(response)
  return response
}
