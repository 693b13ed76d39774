import { IconChevronRight } from '@tabler/icons-react'
import { type DragEvent, type MouseEvent, type ReactNode, useState } from 'react'
import { classes } from '../lib/classes'
import styles from './Tree.module.css'
import { type TreeActs, type TreeRow, treeDragType } from './treeTypes'

interface TreeRowViewProps {
  elementId: string
  row: TreeRow
  top: number
  isSelected: boolean
  isActive: boolean
  acts: TreeActs
  onActive: () => void
  /** Instead of the label, while the name is being edited. */
  nameInput: ReactNode
}

/** A row of a tree. The tree holds the focus and names the active row. */
export function TreeRowView(props: TreeRowViewProps) {
  const { elementId, row, top, isSelected, isActive, acts, onActive, nameInput } = props
  const drop = useRowDrop(row.id, acts)

  function openMenu(event: MouseEvent) {
    if (!acts.onMenu || row.editing) return
    event.preventDefault()
    onActive()
    acts.onMenu(row.id, { x: event.clientX, y: event.clientY })
  }

  function toggle(event: MouseEvent) {
    if (!row.expandable) return
    event.stopPropagation()
    onActive()
    acts.onToggle(row.id, !row.expanded)
  }

  return (
    // biome-ignore lint/a11y/useKeyWithClickEvents: keys are handled by the tree, which keeps the focus.
    // biome-ignore lint/a11y/useFocusableInteractive: the tree holds focus and names the active row.
    <div
      id={elementId}
      role="treeitem"
      aria-level={row.depth + 1}
      aria-posinset={row.position}
      aria-setsize={row.siblings}
      aria-expanded={row.expandable ? row.expanded : undefined}
      aria-selected={isSelected}
      aria-label={row.editing || row.namedByContent ? undefined : row.label}
      className={classes(
        styles.row,
        isSelected && styles.selected,
        isActive && styles.active,
        drop.isOver && styles.drop,
      )}
      style={{ transform: `translateY(${top}px)`, paddingLeft: 8 + row.depth * 16 }}
      title={row.label}
      draggable={!row.editing && acts.draggable?.(row.id)}
      onDragStart={(event) => event.dataTransfer.setData(treeDragType, row.id)}
      {...drop.handlers}
      onClick={() => {
        onActive()
        if (!row.editing) acts.onOpen(row.id)
      }}
      onContextMenu={openMenu}
    >
      <span className={classes(styles.chevron, row.expanded && styles.expanded)} onClick={toggle} aria-hidden>
        {row.expandable && <IconChevronRight size={14} stroke={1.5} />}
      </span>
      {row.icon && <span className={styles.icon}>{row.icon}</span>}
      {nameInput ?? <span className={classes('truncate', row.dim && styles.dim)}>{row.label}</span>}
      {row.end && <span className={styles.end}>{row.end}</span>}
    </div>
  )
}

function useRowDrop(id: string, { onDrop }: TreeActs) {
  const [isOver, setOver] = useState(false)
  const take = (event: DragEvent, over: boolean) => {
    event.preventDefault()
    event.stopPropagation()
    setOver(over)
  }
  const handlers = onDrop && {
    onDragOver: (event: DragEvent) => take(event, true),
    onDragLeave: () => setOver(false),
    onDrop: (event: DragEvent) => {
      take(event, false)
      onDrop(id, event)
    },
  }
  return { isOver, handlers }
}
