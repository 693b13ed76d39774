import { queryOptions } from '@tanstack/react-query'
import { api, unwrap } from '../../api/client'
import { queryClient } from '../../api/queryClient'
import type { components } from '../../api/schema'

export type TerminalInfo = components['schemas']['TerminalRead']

const key = ['terminals']

export const terminalsQuery = queryOptions({
  queryKey: [...key, 'own'],
  queryFn: ({ signal }) => unwrap(api.GET('/api/terminals', { signal })),
  staleTime: 0,
})

export const allTerminalsQuery = queryOptions({
  queryKey: [...key, 'all'],
  queryFn: ({ signal }) => unwrap(api.GET('/api/terminals', { params: { query: { everyone: true } }, signal })),
  staleTime: 0,
  refetchInterval: 5000,
})

export async function endTerminal(id: string): Promise<void> {
  await api.DELETE('/api/terminals/{terminal_id}', { params: { path: { terminal_id: id } } })
  await forgetTerminals()
}

export async function switchTerminals(isOn: boolean): Promise<void> {
  await api.PUT('/api/terminals', { body: { is_on: isOn } })
  await forgetTerminals()
}

export function forgetTerminals(): Promise<void> {
  return queryClient.invalidateQueries({ queryKey: key })
}
