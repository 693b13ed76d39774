import { type MouseEvent, useRef, useState } from 'react'
import type { FileEntry } from '../../api/files'
import { removeAll } from './entryActions'
import { sortEntries } from './treeRows'

/** Which entries of a folder's list are chosen, and what can be done with all of them. */
export function useFolderChoice(entries: readonly FileEntry[]) {
  const [marked, setMarked] = useState<ReadonlySet<string>>(new Set())
  const anchor = useRef<string | null>(null)
  // What is gone, or another folder's, is chosen no more.
  const chosen = entries.filter((entry) => marked.has(entry.path))

  function toggle(path: string, isRange: boolean) {
    const next = new Set(chosen.map((entry) => entry.path))
    const order = isRange ? sortEntries(entries).map((entry) => entry.path) : []
    const from = order.indexOf(anchor.current ?? '')
    const to = order.indexOf(path)
    if (from >= 0) {
      for (const each of order.slice(Math.min(from, to), Math.max(from, to) + 1)) next.add(each)
    } else if (next.has(path)) next.delete(path)
    else next.add(path)
    anchor.current = path
    setMarked(next)
  }

  /** A click with Ctrl or Shift chooses instead of opening; whether it did. */
  function click(path: string, event: MouseEvent): boolean {
    if (!event.ctrlKey && !event.metaKey && !event.shiftKey) return false
    event.preventDefault()
    toggle(path, event.shiftKey)
    return true
  }

  const isChosen = (path: string) => marked.has(path)
  const withOthers = (path: string) => (isChosen(path) ? chosen.map((entry) => entry.path) : [path])
  return {
    chosen,
    isChosen,
    toggle,
    click,
    /** What an act on an entry means: all that is chosen, if it is. */
    with: withOthers,
    all: () => setMarked(new Set(entries.map((entry) => entry.path))),
    none: () => setMarked(new Set()),
    removeWith: (path: string) => void removeAll(withOthers(path)),
  }
}

export type FolderChoice = ReturnType<typeof useFolderChoice>
