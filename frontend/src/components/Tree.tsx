import { IconChevronRight } from '@tabler/icons-react'
import { useVirtualizer } from '@tanstack/react-virtual'
import { type DragEvent, type KeyboardEvent, type ReactNode, useEffect, useId, useRef, useState } from 'react'
import { classes } from '../lib/classes'
import styles from './Tree.module.css'
import { TreeNameInput } from './TreeNameInput'

/** One visible row; the caller flattens what is expanded. */
export interface TreeRow {
  id: string
  label: string
  /** 0 at the top. */
  depth: number
  expandable: boolean
  expanded: boolean
  /** 1-based place among its siblings, and how many there are. */
  position: number
  siblings: number
  icon?: ReactNode
  /** What stands at the right end: a lock, a badge. */
  end?: ReactNode
  /** `end` has words, so that the row is named by all it shows; else by its label alone. */
  namedByContent?: boolean
  dim?: boolean
  /** The row is an editable name: of itself, or of a new entry that does not exist yet. */
  editing?: boolean
}

interface TreeProps {
  label: string
  rows: TreeRow[]
  /** The row shown as open, such as the file in the editor. */
  selected: string | null
  onToggle: (id: string, expanded: boolean) => void
  /** Click or Enter. */
  onOpen: (id: string) => void
  onMenu?: (id: string, at: { x: number; y: number }) => void
  onRename?: (id: string) => void
  onDelete?: (id: string) => void
  /** What a finished name edit does; `null` when it was given up. */
  onNameDone?: (id: string, name: string | null) => void
  nameProblem?: (id: string, name: string) => string | null
  /** A row or files from outside were dropped on a row. */
  onDrop?: (target: string, event: DragEvent) => void
  draggable?: (id: string) => boolean
}

const rowHeight = 28

function rowName(row: TreeRow): string | undefined {
  return row.editing || row.namedByContent ? undefined : row.label
}

export const treeDragType = 'application/x-pfstudio-path'

/** A tree of any length: only the rows in sight are in the page. */
export function Tree(props: TreeProps) {
  const { label, rows, selected, onToggle, onOpen, onMenu, onRename, onDelete, onDrop, draggable } = props
  const base = useId()
  const scroller = useRef<HTMLDivElement>(null)
  const [active, setActive] = useState<string | null>(null)
  const [dropTarget, setDropTarget] = useState<string | null>(null)
  const typed = useRef({ text: '', at: 0 })
  const virtual = useVirtualizer({
    count: rows.length,
    getScrollElement: () => scroller.current,
    estimateSize: () => rowHeight,
    overscan: 12,
  })
  const indexOf = (id: string | null) => rows.findIndex((row) => row.id === id)
  const activeIndex = Math.max(0, indexOf(active) < 0 ? indexOf(selected) : indexOf(active))
  const activeRow = rows[activeIndex]
  const rowElementId = (index: number) => `${base}-${index}`

  const selectedIndex = rows.findIndex((row) => row.id === selected)
  // biome-ignore lint/correctness/useExhaustiveDependencies: whatever is opened next becomes the active row.
  useEffect(() => setActive(null), [selected])
  useEffect(() => {
    if (selectedIndex >= 0) virtual.scrollToIndex(selectedIndex, { align: 'auto' })
  }, [selectedIndex, virtual])

  function move(index: number) {
    const row = rows[Math.max(0, Math.min(rows.length - 1, index))]
    if (!row) return
    setActive(row.id)
    virtual.scrollToIndex(rows.indexOf(row), { align: 'auto' })
  }

  function typeAhead(letter: string) {
    const now = Date.now()
    const text = (now - typed.current.at < 700 ? typed.current.text : '') + letter.toLowerCase()
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
    const element = document.getElementById(rowElementId(activeIndex))
    const box = element?.getBoundingClientRect()
    if (box) onMenu?.(row.id, { x: box.left + 40, y: box.bottom })
  }

  function key(event: KeyboardEvent) {
    if (!activeRow || event.target !== event.currentTarget) return
    const row = activeRow
    const acts: Record<string, () => void> = {
      ArrowDown: () => move(activeIndex + 1),
      ArrowUp: () => move(activeIndex - 1),
      Home: () => move(0),
      End: () => move(rows.length - 1),
      PageDown: () => move(activeIndex + 12),
      PageUp: () => move(activeIndex - 12),
      ArrowRight: () => (row.expandable && !row.expanded ? onToggle(row.id, true) : move(activeIndex + 1)),
      ArrowLeft: () => (row.expandable && row.expanded ? onToggle(row.id, false) : goOut(row)),
      Enter: () => onOpen(row.id),
      ' ': () => onOpen(row.id),
      F2: () => onRename?.(row.id),
      Delete: () => onDelete?.(row.id),
      ContextMenu: () => openMenu(row),
    }
    const act = event.shiftKey && event.key === 'F10' ? () => openMenu(row) : acts[event.key]
    if (act) act()
    else if (event.key.length === 1 && !event.ctrlKey && !event.metaKey && !event.altKey) typeAhead(event.key)
    else return
    event.preventDefault()
    event.stopPropagation()
  }

  return (
    <div
      ref={scroller}
      role="tree"
      aria-label={label}
      tabIndex={0}
      className={styles.tree}
      aria-activedescendant={activeRow ? rowElementId(activeIndex) : undefined}
      onKeyDown={key}
    >
      <div style={{ height: virtual.getTotalSize() }} role="none">
        {virtual.getVirtualItems().map((item) => {
          const row = rows[item.index]
          if (!row) return null
          return (
            // biome-ignore lint/a11y/useKeyWithClickEvents: keys are handled by the tree, which keeps the focus.
            // biome-ignore lint/a11y/useFocusableInteractive: the tree holds focus and names the active row.
            <div
              key={row.id}
              id={rowElementId(item.index)}
              role="treeitem"
              aria-level={row.depth + 1}
              aria-posinset={row.position}
              aria-setsize={row.siblings}
              aria-expanded={row.expandable ? row.expanded : undefined}
              aria-selected={row.id === selected}
              aria-label={rowName(row)}
              className={classes(
                styles.row,
                row.id === selected && styles.selected,
                row.id === activeRow?.id && styles.active,
                row.id === dropTarget && styles.drop,
              )}
              style={{ transform: `translateY(${item.start}px)`, paddingLeft: 8 + row.depth * 16 }}
              title={row.label}
              draggable={!row.editing && draggable?.(row.id)}
              onDragStart={(event) => event.dataTransfer.setData(treeDragType, row.id)}
              onDragOver={(event) => {
                if (!onDrop) return
                event.preventDefault()
                event.stopPropagation()
                setDropTarget(row.id)
              }}
              onDragLeave={() => setDropTarget(null)}
              onDrop={(event) => {
                if (!onDrop) return
                event.preventDefault()
                event.stopPropagation()
                setDropTarget(null)
                onDrop(row.id, event)
              }}
              onClick={() => {
                setActive(row.id)
                if (!row.editing) onOpen(row.id)
              }}
              onContextMenu={(event) => {
                if (!onMenu || row.editing) return
                event.preventDefault()
                setActive(row.id)
                onMenu(row.id, { x: event.clientX, y: event.clientY })
              }}
            >
              <span
                className={classes(styles.chevron, row.expanded && styles.expanded)}
                onClick={(event) => {
                  if (!row.expandable) return
                  event.stopPropagation()
                  setActive(row.id)
                  onToggle(row.id, !row.expanded)
                }}
                aria-hidden
              >
                {row.expandable && <IconChevronRight size={14} stroke={1.5} />}
              </span>
              {row.icon && <span className={styles.icon}>{row.icon}</span>}
              {row.editing ? (
                <TreeNameInput
                  initial={row.label}
                  problem={(name) => props.nameProblem?.(row.id, name) ?? null}
                  onDone={(name) => {
                    props.onNameDone?.(row.id, name)
                    scroller.current?.focus()
                  }}
                />
              ) : (
                <span className={classes('truncate', row.dim && styles.dim)}>{row.label}</span>
              )}
              {row.end && <span className={styles.end}>{row.end}</span>}
            </div>
          )
        })}
      </div>
    </div>
  )
}
