import { useRef } from 'react'
import type { TreeRow } from './treeTypes'

interface TreeChoiceOf {
  rows: readonly TreeRow[]
  chosen: ReadonlySet<string>
  onChoose: ((ids: string[]) => void) | undefined
}

/** Which rows are chosen, as file explorers have it: one, one more, or all from the last one to here. */
export function useTreeChoice({ rows, chosen, onChoose }: TreeChoiceOf) {
  const anchor = useRef<string | null>(null)

  function one(id: string) {
    anchor.current = id
    onChoose?.([id])
  }

  function toggle(id: string) {
    anchor.current = id
    onChoose?.(chosen.has(id) ? [...chosen].filter((each) => each !== id) : [...chosen, id])
  }

  /** From where the choice began to `id`; `from` is where it begins when nothing was chosen yet. */
  function upTo(id: string, from: string | undefined) {
    const start = rows.findIndex((row) => row.id === (anchor.current ?? from))
    const end = rows.findIndex((row) => row.id === id)
    if (start < 0) return one(id)
    anchor.current = rows[start]?.id ?? null
    onChoose?.(rows.slice(Math.min(start, end), Math.max(start, end) + 1).map((row) => row.id))
  }

  return {
    isMany: onChoose !== undefined,
    one,
    toggle,
    upTo,
    all: () => onChoose?.(rows.map((row) => row.id)),
    none: () => {
      anchor.current = null
      onChoose?.([])
    },
    /** What an act on a row means: all chosen rows if it is one of them. */
    with: (id: string) => (chosen.has(id) ? [...chosen] : [id]),
  }
}

export type TreeChoice = ReturnType<typeof useTreeChoice>
