import { type KeyboardEvent, useRef } from 'react'
import type { TreeActs, TreeRow } from './treeTypes'
import type { TreeChoice } from './useTreeChoice'

interface TreeKeys {
  rows: readonly TreeRow[]
  activeIndex: number
  /** Makes the row at an index the active one, as near as there is. */
  move: (index: number) => void
  choice: TreeChoice
  acts: TreeActs
  elementOf: (index: number) => HTMLElement | null
}

type Acts = Record<string, () => void>

const page = 12
const typingPause = 700

/** The keys of a tree, as the ARIA practices describe them. */
export function useTreeKeys(keys: TreeKeys) {
  const { rows, activeIndex, move } = keys
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

  return function key(event: KeyboardEvent) {
    const row = rows[activeIndex]
    if (!row || event.target !== event.currentTarget) return
    const isCtrl = event.ctrlKey || event.metaKey
    const byKey = isCtrl ? ctrlKeys(keys, row) : event.shiftKey ? shiftKeys(keys, row) : plainKeys(keys, row)
    const act = byKey[event.key.length === 1 ? event.key.toLowerCase() : event.key]
    if (act) act()
    else if (event.key.length === 1 && !isCtrl && !event.altKey) typeAhead(event.key)
    else return
    event.preventDefault()
    event.stopPropagation()
  }
}

function plainKeys({ rows, activeIndex, move, acts, choice, elementOf }: TreeKeys, row: TreeRow): Acts {
  return {
    ...steps(rows.length, activeIndex, move),
    ArrowRight: () => (row.expandable && !row.expanded ? acts.onToggle(row.id, true) : move(activeIndex + 1)),
    ArrowLeft: () =>
      row.expandable && row.expanded ? acts.onToggle(row.id, false) : move(parentOf(rows, activeIndex)),
    Enter: () => acts.onOpen(row.id),
    ' ': () => acts.onOpen(row.id),
    F2: () => acts.onRename?.(row.id),
    Delete: () => acts.onDelete?.(row.id),
    Escape: choice.none,
    ContextMenu: () => openMenu(acts, row, elementOf(activeIndex)),
  }
}

function shiftKeys({ rows, activeIndex, move, acts, choice, elementOf }: TreeKeys, row: TreeRow): Acts {
  const menu = { F10: () => openMenu(acts, row, elementOf(activeIndex)) }
  if (!choice.isMany) return menu
  const extend = (index: number) => {
    const target = rows[Math.max(0, Math.min(rows.length - 1, index))]
    if (target) choice.upTo(target.id, row.id)
    move(index)
  }
  return { ...menu, ...steps(rows.length, activeIndex, extend), ' ': () => choice.upTo(row.id, row.id) }
}

function ctrlKeys({ acts, choice }: TreeKeys, row: TreeRow): Acts {
  const further = Object.entries(acts.onCtrl ?? {}).map(([letter, act]) => [letter, () => act(row.id)] as const)
  return {
    ...Object.fromEntries(further),
    ...(choice.isMany ? { a: choice.all, ' ': () => choice.toggle(row.id) } : {}),
  }
}

function steps(count: number, active: number, go: (index: number) => void): Acts {
  return {
    ArrowDown: () => go(active + 1),
    ArrowUp: () => go(active - 1),
    Home: () => go(0),
    End: () => go(count - 1),
    PageDown: () => go(active + page),
    PageUp: () => go(active - page),
  }
}

function parentOf(rows: readonly TreeRow[], index: number): number {
  const depth = rows[index]?.depth ?? 0
  for (let above = index - 1; above >= 0; above -= 1) {
    if ((rows[above]?.depth ?? 0) < depth) return above
  }
  return index
}

function openMenu(acts: TreeActs, row: TreeRow, element: HTMLElement | null): void {
  const box = element?.getBoundingClientRect()
  if (box) acts.onMenu?.(row.id, { x: box.left + 40, y: box.bottom })
}
