import { useLocation } from '@tanstack/react-router'
import { useMemo } from 'react'

/** A line of a text, both from 1. */
export interface LinePlace {
  line: number
  column: number
}

/** The line that the address names (`#L12:5`); a new value each time somebody goes there. */
export function useLinePlace(): LinePlace | null {
  const { hash, state } = useLocation()
  const visit = state.__TSR_key ?? state.key
  // biome-ignore lint/correctness/useExhaustiveDependencies: another visit of the same line is another wish to see it.
  return useMemo(() => {
    const found = /^#?L(\d{1,9})(?::(\d{1,9}))?$/.exec(hash)
    return found ? { line: Number(found[1]), column: Number(found[2] ?? 1) } : null
  }, [hash, visit])
}
