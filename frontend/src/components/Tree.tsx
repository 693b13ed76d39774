import { useVirtualizer } from '@tanstack/react-virtual'
import { type RefObject, useEffect, useId, useRef, useState } from 'react'
import { classes } from '../lib/classes'
import styles from './Tree.module.css'
import { TreeNameInput } from './TreeNameInput'
import { TreeRowView } from './TreeRowView'
import type { TreeActs, TreeRow } from './treeTypes'
import { useTreeChoice } from './useTreeChoice'
import { useDropPlace } from './useTreeDrop'
import { useTreeKeys } from './useTreeKeys'

export { carriesFiles, draggedIds, setDragged, type TreeActs, type TreeRow } from './treeTypes'

interface TreeProps extends TreeActs {
  label: string
  rows: TreeRow[]
  /** The row shown as open, such as the file in the editor. */
  selected: string | null
  /** The rows that are chosen, where several can be. */
  chosen?: ReadonlySet<string>
}

const rowHeight = 28
const nothing: ReadonlySet<string> = new Set()

/** A tree of any length: only the rows in sight are in the page. */
export function Tree({ label, rows, selected, chosen = nothing, ...acts }: TreeProps) {
  const base = useId()
  const scroller = useRef<HTMLDivElement>(null)
  const virtual = useVirtualizer({
    count: rows.length,
    getScrollElement: () => scroller.current,
    estimateSize: () => rowHeight,
    overscan: 12,
  })
  const { activeIndex, setActive } = useActiveRow(rows, selected, virtual)
  const elementId = (index: number) => `${base}-${index}`
  const choice = useTreeChoice({ rows, chosen, onChoose: acts.onChoose })
  const drop = useDropPlace(null, acts)
  const key = useTreeKeys({
    rows,
    activeIndex,
    acts,
    choice,
    elementOf: (index) => document.getElementById(elementId(index)),
    move: (index) => {
      const target = Math.max(0, Math.min(rows.length - 1, index))
      setActive(rows[target]?.id ?? null)
      virtual.scrollToIndex(target, { align: 'auto' })
    },
  })
  const isMarked = (row: TreeRow) => (chosen.size > 0 ? chosen.has(row.id) : row.id === selected)
  return (
    <div
      ref={scroller}
      role="tree"
      aria-label={label}
      aria-multiselectable={choice.isMany || undefined}
      tabIndex={0}
      className={classes(styles.tree, drop.isOver && styles.treeDrop)}
      aria-activedescendant={rows.length > 0 ? elementId(activeIndex) : undefined}
      onKeyDown={key}
      {...drop.handlers}
    >
      <div style={{ height: virtual.getTotalSize() }} role="none">
        {virtual.getVirtualItems().map(({ index, start }) => {
          const row = rows[index]
          return row ? (
            <TreeRowView
              key={row.id}
              elementId={elementId(index)}
              row={row}
              top={start}
              isSelected={isMarked(row)}
              isOpen={row.id === selected}
              isActive={index === activeIndex}
              acts={acts}
              choice={choice}
              activeId={rows[activeIndex]?.id}
              onActive={() => setActive(row.id)}
              nameInput={nameInput(row, acts, scroller)}
            />
          ) : null
        })}
      </div>
    </div>
  )
}

interface Scrolls {
  scrollToIndex: (index: number, options: { align: 'auto' }) => void
}

/** The row that the keys act on: where they went last, else the one that is open. */
function useActiveRow(rows: readonly TreeRow[], selected: string | null, virtual: Scrolls) {
  const [active, setActive] = useState<string | null>(null)
  const indexOf = (id: string | null) => (id === null ? -1 : rows.findIndex((row) => row.id === id))
  const selectedIndex = indexOf(selected)
  const found = indexOf(active)

  // biome-ignore lint/correctness/useExhaustiveDependencies: whatever is opened next becomes the active row.
  useEffect(() => setActive(null), [selected])
  useEffect(() => {
    if (selectedIndex >= 0) virtual.scrollToIndex(selectedIndex, { align: 'auto' })
  }, [selectedIndex, virtual])
  return { activeIndex: Math.max(0, found < 0 ? selectedIndex : found), setActive }
}

function nameInput(row: TreeRow, acts: TreeActs, scroller: RefObject<HTMLDivElement | null>) {
  if (!row.editing) return null
  return (
    <TreeNameInput
      initial={row.label}
      problem={(name) => acts.nameProblem?.(row.id, name) ?? null}
      onDone={(name) => {
        acts.onNameDone?.(row.id, name)
        scroller.current?.focus()
      }}
    />
  )
}
