import { IconArrowDown, IconArrowUp } from '@tabler/icons-react'
import { type KeyboardEvent, type PointerEvent, useRef, useState } from 'react'
import { classes } from '../lib/classes'
import styles from './DataTable.module.css'
import type { Column, TableLayout } from './tableState'

const dragType = 'application/x-pfstudio-column'

interface HeaderCellProps<Row> {
  column: Column<Row>
  layout: TableLayout<Row>
}

/** A click sorts; the edge resizes (Alt with arrows); dragging moves the column (Ctrl and Shift with arrows). */
export function HeaderCell<Row>({ column, layout }: HeaderCellProps<Row>) {
  const cell = useRef<HTMLTableCellElement>(null)
  const [isTarget, setTarget] = useState(false)
  const isSorted = layout.sort.column === column.id
  const direction = layout.sort.descending ? 'descending' : 'ascending'
  const Arrow = layout.sort.descending ? IconArrowDown : IconArrowUp
  const width = () => cell.current?.offsetWidth ?? 120

  function key(event: KeyboardEvent) {
    const sign = event.key === 'ArrowRight' ? 1 : event.key === 'ArrowLeft' ? -1 : 0
    if (sign === 0) return
    if (event.altKey) layout.setWidth(column.id, width() + sign * 16)
    else if (event.ctrlKey && event.shiftKey && !column.fixed) {
      const neighbour = layout.ordered[layout.ordered.indexOf(column) + sign]
      if (neighbour && !neighbour.fixed) layout.moveTo(column.id, neighbour.id)
    } else return
    event.preventDefault()
  }

  function resize(event: PointerEvent<HTMLSpanElement>) {
    if (!event.currentTarget.hasPointerCapture(event.pointerId) || !cell.current) return
    layout.setWidth(column.id, event.clientX - cell.current.getBoundingClientRect().left)
  }

  return (
    <th
      ref={cell}
      scope="col"
      aria-sort={isSorted ? direction : undefined}
      className={classes(column.numeric && styles.numeric, isTarget && styles.dropBefore)}
      onDragOver={(event) => {
        if (!event.dataTransfer.types.includes(dragType) || column.fixed) return
        event.preventDefault()
        setTarget(true)
      }}
      onDragLeave={() => setTarget(false)}
      onDrop={(event) => {
        setTarget(false)
        const moved = event.dataTransfer.getData(dragType)
        if (moved) layout.moveTo(moved, column.id)
      }}
    >
      <button
        type="button"
        className={styles.sort}
        draggable={!column.fixed}
        onDragStart={(event) => event.dataTransfer.setData(dragType, column.id)}
        onClick={() => layout.sortBy(column.id)}
        onKeyDown={key}
      >
        <span className="truncate">{column.title}</span>
        {isSorted && <Arrow size={12} stroke={2} aria-hidden />}
      </button>
      <span
        className={styles.resize}
        aria-hidden
        onPointerDown={(event) => event.currentTarget.setPointerCapture(event.pointerId)}
        onPointerMove={resize}
      />
    </th>
  )
}
