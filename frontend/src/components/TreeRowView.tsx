import { IconChevronRight } from '@tabler/icons-react'
import type { MouseEvent, ReactNode } from 'react'
import { classes } from '../lib/classes'
import styles from './Tree.module.css'
import { setDragged, type TreeActs, type TreeRow } from './treeTypes'
import type { TreeChoice } from './useTreeChoice'
import { useDropPlace } from './useTreeDrop'

interface TreeRowViewProps {
  elementId: string
  row: TreeRow
  top: number
  /** Chosen, or open where nothing is chosen. */
  isSelected: boolean
  isOpen: boolean
  isActive: boolean
  acts: TreeActs
  choice: TreeChoice
  /** Where a choice with Shift begins. */
  activeId: string | undefined
  onActive: () => void
  /** Instead of the label, while the name is being edited. */
  nameInput: ReactNode
}

/** A row of a tree. The tree holds the focus and names the active row. */
export function TreeRowView(props: TreeRowViewProps) {
  const { elementId, row, top, isSelected, isOpen, isActive, acts, choice, nameInput } = props
  const opens = row.expandable && !row.expanded ? () => acts.onToggle(row.id, true) : undefined
  const drop = useDropPlace(row.id, acts, opens)
  const mouse = rowMouse(props)
  return (
    // biome-ignore lint/a11y/useFocusableInteractive: the tree holds focus and names the active row.
    <div
      id={elementId}
      role="treeitem"
      aria-level={row.depth + 1}
      aria-posinset={row.position}
      aria-setsize={row.siblings}
      aria-expanded={row.expandable ? row.expanded : undefined}
      aria-selected={isSelected}
      aria-current={isOpen || undefined}
      aria-label={row.editing || row.namedByContent ? undefined : row.label}
      className={classes(
        styles.row,
        isSelected && styles.selected,
        isOpen && styles.open,
        isActive && styles.active,
        drop.isOver && styles.drop,
      )}
      style={{ transform: `translateY(${top}px)`, paddingLeft: 8 + row.depth * 16 }}
      title={row.label}
      draggable={!row.editing && acts.draggable?.(row.id)}
      onDragStart={(event) => setDragged(event.dataTransfer, choice.with(row.id))}
      {...drop.handlers}
      {...mouse.handlers}
    >
      <span className={classes(styles.chevron, row.expanded && styles.expanded)} onClick={mouse.toggle} aria-hidden>
        {row.expandable && <IconChevronRight size={14} stroke={1.5} />}
      </span>
      {row.icon && <span className={styles.icon}>{row.icon}</span>}
      {nameInput ?? row.content ?? <span className={classes('truncate', row.dim && styles.dim)}>{row.label}</span>}
      {row.end && <span className={styles.end}>{row.end}</span>}
    </div>
  )
}

function rowMouse({ row, acts, choice, activeId, onActive }: TreeRowViewProps) {
  function click(event: MouseEvent) {
    if (row.editing) return
    if (choice.isMany && (event.ctrlKey || event.metaKey)) choice.toggle(row.id)
    else if (choice.isMany && event.shiftKey) choice.upTo(row.id, activeId)
    else {
      choice.one(row.id)
      acts.onOpen(row.id)
    }
    onActive()
  }

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
  return { handlers: { onClick: click, onContextMenu: openMenu }, toggle }
}
