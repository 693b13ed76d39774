import { IconDots } from '@tabler/icons-react'
import { useVirtualizer } from '@tanstack/react-virtual'
import { type KeyboardEvent, type MouseEvent, type RefObject, useMemo, useRef, useState } from 'react'
import { classes } from '../lib/classes'
import { IconButton } from './Button'
import styles from './DataTable.module.css'
import { HeaderCell } from './HeaderCell'
import { ContextMenu, type ContextMenuState, Menu, type MenuEntry } from './Menu'
import { toast } from './Toasts'
import { asTsv, sortRows, type TableLayout } from './tableState'

interface DataTableProps<Row> {
  label: string
  rows: readonly Row[]
  rowKey: (row: Row) => string
  layout: TableLayout<Row>
  /** Which row is open beside the table. */
  selected?: string | null
  rowMenu?: (row: Row) => MenuEntry[]
  /** Names the menu button of a row. */
  rowName: (row: Row) => string
  onRename?: (row: Row) => void
  onDelete?: (row: Row) => void
  /** Fills a panel: without a frame of its own. */
  flush?: boolean
  className?: string
}

const rowHeight = 32
const menuWidth = 40
const leastFreeWidth = 160
const virtualBeyond = 100

/** Entries for a menu of the table's columns. */
export function columnMenu<Row>(layout: TableLayout<Row>, rows: readonly Row[]): MenuEntry[] {
  const copy = async () => {
    try {
      await navigator.clipboard.writeText(asTsv(sortRows(rows, layout.columns, layout.sort), layout.columns))
      toast.say('The table was copied.')
    } catch {
      toast.say('The browser did not allow copying.')
    }
  }
  return [
    { heading: 'Columns' },
    ...layout.ordered
      .filter((column) => !column.fixed)
      .map((column) => ({
        label: column.title,
        checked: !layout.isHidden(column.id),
        onSelect: () => layout.toggle(column.id),
      })),
    'line',
    { label: 'Copy as TSV', onSelect: copy },
    { label: 'Reset columns', onSelect: layout.reset },
  ]
}

/** Each row's first link or button takes the focus; arrow keys go from row to row. */
export function DataTable<Row>(props: DataTableProps<Row>) {
  const { label, rows, rowKey, layout, selected, rowMenu, rowName, onRename, onDelete, flush, className } = props
  const scroller = useRef<HTMLDivElement>(null)
  const [context, setContext] = useState<ContextMenuState | null>(null)
  const { columns, sort } = layout
  const leastWidth = columns.reduce((sum, column) => sum + (layout.widthOf(column) ?? leastFreeWidth), menuWidth)
  const sorted = useMemo(() => sortRows(rows, columns, sort), [rows, columns, sort])
  const visible = useVisibleRows(sorted.length, scroller)
  const key = useRowKeys({ count: sorted.length, scroller, scrollTo: visible.scrollTo, onRename, onDelete })

  function openContext(event: MouseEvent, row: Row) {
    if (!rowMenu) return
    event.preventDefault()
    setContext({ x: event.clientX, y: event.clientY, entries: rowMenu(row) })
  }

  return (
    <div ref={scroller} className={classes(styles.scroller, flush && styles.flush, className)}>
      <table
        className={styles.table}
        style={{ minWidth: leastWidth }}
        aria-label={label}
        aria-rowcount={sorted.length + 1}
      >
        <Head layout={layout} hasMenu={rowMenu !== undefined} />
        <tbody>
          <Spacer height={visible.first * rowHeight} />
          {sorted.slice(visible.first, visible.end).map((row, offset) => (
            <tr
              key={rowKey(row)}
              data-row={visible.first + offset}
              aria-rowindex={visible.isVirtual ? visible.first + offset + 2 : undefined}
              className={rowKey(row) === selected ? styles.selected : undefined}
              onKeyDown={(event) => key(event, row, visible.first + offset)}
              onContextMenu={(event) => openContext(event, row)}
            >
              {columns.map((column) => (
                <td key={column.id} className={column.numeric ? styles.numeric : undefined}>
                  {column.cell(row)}
                </td>
              ))}
              {rowMenu && <MenuCell entries={rowMenu(row)} name={rowName(row)} />}
            </tr>
          ))}
          <Spacer height={(sorted.length - visible.end) * rowHeight} />
        </tbody>
      </table>
      <ContextMenu state={context} onClose={() => setContext(null)} />
    </div>
  )
}

/** Which rows stand in the page: all, or of many only those in sight. */
function useVisibleRows(count: number, scroller: RefObject<HTMLDivElement | null>) {
  const isVirtual = count > virtualBeyond
  const virtual = useVirtualizer({
    count,
    enabled: isVirtual,
    getScrollElement: () => scroller.current,
    estimateSize: () => rowHeight,
    overscan: 6,
  })
  const items = virtual.getVirtualItems()
  return {
    isVirtual,
    first: isVirtual ? (items[0]?.index ?? 0) : 0,
    end: isVirtual ? (items.at(-1)?.index ?? -1) + 1 : count,
    scrollTo: (index: number) => isVirtual && virtual.scrollToIndex(index),
  }
}

interface RowKeys<Row> {
  count: number
  scroller: RefObject<HTMLDivElement | null>
  scrollTo: (index: number) => void
  onRename: ((row: Row) => void) | undefined
  onDelete: ((row: Row) => void) | undefined
}

function useRowKeys<Row>({ count, scroller, scrollTo, onRename, onDelete }: RowKeys<Row>) {
  function focusRow(index: number) {
    const target = Math.max(0, Math.min(count - 1, index))
    scrollTo(target)
    requestAnimationFrame(() => {
      scroller.current?.querySelector<HTMLElement>(`[data-row="${target}"] :is(a, button)`)?.focus()
    })
  }

  return function key(event: KeyboardEvent, row: Row, index: number) {
    const acts: Record<string, () => void> = {
      ArrowDown: () => focusRow(index + 1),
      ArrowUp: () => focusRow(index - 1),
      Home: () => focusRow(0),
      End: () => focusRow(count - 1),
      F2: () => onRename?.(row),
      Delete: () => onDelete?.(row),
    }
    const act = acts[event.key]
    if (!act || event.ctrlKey || event.altKey) return
    event.preventDefault()
    act()
  }
}

function Head<Row>({ layout, hasMenu }: { layout: TableLayout<Row>; hasMenu: boolean }) {
  return (
    <>
      <colgroup>
        {layout.columns.map((column) => (
          <col key={column.id} style={{ width: layout.widthOf(column) }} />
        ))}
        {hasMenu && <col style={{ width: menuWidth }} />}
      </colgroup>
      <thead>
        <tr>
          {layout.columns.map((column) => (
            <HeaderCell key={column.id} column={column} layout={layout} />
          ))}
          {hasMenu && (
            <th className={styles.menuCell}>
              <span className="visually-hidden">Actions</span>
            </th>
          )}
        </tr>
      </thead>
    </>
  )
}

function MenuCell({ entries, name }: { entries: MenuEntry[]; name: string }) {
  return (
    <td className={styles.menuCell}>
      <Menu entries={entries} position="bottom-end">
        <IconButton
          size="small"
          label={`More actions for ${name}`}
          icon={<IconDots size={16} stroke={1.5} aria-hidden />}
        />
      </Menu>
    </td>
  )
}

function Spacer({ height }: { height: number }) {
  if (height <= 0) return null
  return (
    <tr className={styles.spacer} aria-hidden>
      <td style={{ height }} />
    </tr>
  )
}
