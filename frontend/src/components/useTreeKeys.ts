import { type KeyboardEvent, useRef } from 'react'
import type { TreeActs, TreeRow } from './treeTypes'

interface TreeKeys {
  rows: readonly TreeRow[]
  activeIndex: number
  /** Makes the row at an index the active one, as near as there is. */
  move: (index: number) => void
  acts: TreeActs
  elementOf: (index: number) => HTMLElement | null
}

const page = 12
const typingPause = 700

/** The keys of a tree, as the ARIA practices describe them. */
export function useTreeKeys({ rows, activeIndex, move, acts, elementOf }: TreeKeys) {
  const typed = useRef({ text: '', at: 0 })

  function typeAhead(letter: string) {
    const now = Date.now()
    const text = (now - typed.current.at < typingPause ? typed.current.text : '') + letter.toLowerCase()
    typed.current = { text, at: now }
    const from = text.length === 1 ? activeIndex + 1 : activeIndex
    const order = [...rows.slice(from), ...rows.slice(0, from)]
    const found = order.find((row) => row.label.toLowerCase().startsWith(text))
    if (found) move(rows.indexOf(found))
  }

  function goOut(row: TreeRow) {
    for (let index = activeIndex - 1; index >= 0; index -= 1) {
      if ((rows[index]?.depth ?? 0) < row.depth) return move(index)
    }
  }

  function openMenu(row: TreeRow) {
    const box = elementOf(activeIndex)?.getBoundingClientRect()
    if (box) acts.onMenu?.(row.id, { x: box.left + 40, y: box.bottom })
  }

  return function key(event: KeyboardEvent) {
    const row = rows[activeIndex]
    if (!row || event.target !== event.currentTarget) return
    const byKey: Record<string, () => void> = {
      ArrowDown: () => move(activeIndex + 1),
      ArrowUp: () => move(activeIndex - 1),
      Home: () => move(0),
      End: () => move(rows.length - 1),
      PageDown: () => move(activeIndex + page),
      PageUp: () => move(activeIndex - page),
      ArrowRight: () => (row.expandable && !row.expanded ? acts.onToggle(row.id, true) : move(activeIndex + 1)),
      ArrowLeft: () => (row.expandable && row.expanded ? acts.onToggle(row.id, false) : goOut(row)),
      Enter: () => acts.onOpen(row.id),
      ' ': () => acts.onOpen(row.id),
      F2: () => acts.onRename?.(row.id),
      Delete: () => acts.onDelete?.(row.id),
      ContextMenu: () => openMenu(row),
    }
    const act = event.shiftKey && event.key === 'F10' ? () => openMenu(row) : byKey[event.key]
    if (act) act()
    else if (event.key.length === 1 && !event.ctrlKey && !event.metaKey && !event.altKey) typeAhead(event.key)
    else return
    event.preventDefault()
    event.stopPropagation()
  }
}
