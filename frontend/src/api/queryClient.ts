import { QueryClient } from '@tanstack/react-query'
import { ApiError } from './errors'

/** What a second try may mend: no answer, or a server that is busy. */
function isPassing(error: unknown): boolean {
  if (error instanceof ApiError) return error.status === 429 || error.status === 503
  return error instanceof TypeError
}

export const queryClient = new QueryClient({
  defaultOptions: {
    queries: { staleTime: 10_000, retry: (failures, error) => failures < 2 && isPassing(error) },
    mutations: { retry: false },
  },
})
