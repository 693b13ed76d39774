import { useMutation } from '@tanstack/react-query'
import { api, unwrap } from '../../api/client'
import { queryClient } from '../../api/queryClient'
import type { components } from '../../api/schema'
import { credentialsQuery } from './requests'

export type GitCredential = components['schemas']['GitCredentialRead']

const settled = { onSettled: () => queryClient.invalidateQueries({ queryKey: credentialsQuery.queryKey }) }
const noToken = { host: '', username: '', token: '' }

/** Stores a token for a host, in place of the one there was. */
export function useStoreToken(onStored: () => void) {
  return useMutation({
    mutationFn: (token: { host: string; username: string; token: string }) =>
      unwrap(api.POST('/api/git-credentials', { body: { kind: 'token', ...token } })),
    onSuccess: onStored,
    ...settled,
  })
}

/** Makes an SSH key, in place of the one there was. */
export function useMakeKey() {
  return useMutation({
    mutationFn: () => unwrap(api.POST('/api/git-credentials', { body: { kind: 'ssh_key', ...noToken } })),
    ...settled,
  })
}

export function useRemoveCredential() {
  return useMutation({
    mutationFn: (number: number) =>
      unwrap(api.DELETE('/api/git-credentials/{number}', { params: { path: { number } } })),
    ...settled,
  })
}

/** Stops knowing an SSH server by its key. */
export function useForgetHost() {
  return useMutation({
    mutationFn: (host: string) => unwrap(api.DELETE('/api/git-host-keys', { params: { query: { host } } })),
    ...settled,
  })
}
