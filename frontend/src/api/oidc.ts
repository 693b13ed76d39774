import { queryOptions } from '@tanstack/react-query'
import { api, unwrap } from './client'

/** Whether people may sign in at an OpenID Connect provider, and what it is called. */
export const oidcQuery = queryOptions({
  queryKey: ['oidc'],
  queryFn: ({ signal }) => unwrap(api.GET('/api/auth/oidc', { signal })),
  staleTime: 0,
})
