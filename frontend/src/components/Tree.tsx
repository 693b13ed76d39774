import { useVirtualizer } from '@tanstack/react-virtual'
import { useEffect, useId, useRef, useState } from 'react'
import styles from './Tree.module.css'
import { TreeNameInput } from './TreeNameInput'
import { TreeRowView } from './TreeRowView'
import type { TreeActs, TreeRow } from './treeTypes'
import { useTreeKeys } from './useTreeKeys'

export { type TreeActs, type TreeRow, treeDragType } from './treeTypes'

interface TreeProps extends TreeActs {
  label: string
  rows: TreeRow[]
  /** The row shown as open, such as the file in the editor. */
  selected: string | null
}

const rowHeight = 28

/** A tree of any length: only the rows in sight are in the page. */
export function Tree({ label, rows, selected, ...acts }: TreeProps) {
  const base = useId()
  const scroller = useRef<HTMLDivElement>(null)
  const [active, setActive] = useState<string | null>(null)
  const virtual = useVirtualizer({
    count: rows.length,
    getScrollElement: () => scroller.current,
    estimateSize: () => rowHeight,
    overscan: 12,
  })
  const indexOf = (id: string | null) => rows.findIndex((row) => row.id === id)
  const selectedIndex = indexOf(selected)
  const activeIndex = Math.max(0, indexOf(active) < 0 ? selectedIndex : indexOf(active))
  const elementId = (index: number) => `${base}-${index}`

  // biome-ignore lint/correctness/useExhaustiveDependencies: whatever is opened next becomes the active row.
  useEffect(() => setActive(null), [selected])
  useEffect(() => {
    if (selectedIndex >= 0) virtual.scrollToIndex(selectedIndex, { align: 'auto' })
  }, [selectedIndex, virtual])

  const key = useTreeKeys({
    rows,
    activeIndex,
    acts,
    elementOf: (index) => document.getElementById(elementId(index)),
    move: (index) => {
      const target = Math.max(0, Math.min(rows.length - 1, index))
      setActive(rows[target]?.id ?? null)
      virtual.scrollToIndex(target, { align: 'auto' })
    },
  })

  const nameInput = (row: TreeRow) =>
    row.editing ? (
      <TreeNameInput
        initial={row.label}
        problem={(name) => acts.nameProblem?.(row.id, name) ?? null}
        onDone={(name) => {
          acts.onNameDone?.(row.id, name)
          scroller.current?.focus()
        }}
      />
    ) : null

  return (
    <div
      ref={scroller}
      role="tree"
      aria-label={label}
      tabIndex={0}
      className={styles.tree}
      aria-activedescendant={rows.length > 0 ? elementId(activeIndex) : undefined}
      onKeyDown={key}
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
              isSelected={row.id === selected}
              isActive={index === activeIndex}
              acts={acts}
              onActive={() => setActive(row.id)}
              nameInput={nameInput(row)}
            />
          ) : null
        })}
      </div>
    </div>
  )
}
