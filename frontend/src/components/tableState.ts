import type { ReactNode } from 'react'
import { sortedBy, sortedByKey } from '../lib/naturalOrder'
import { useRemembered } from '../lib/useRemembered'

export interface Column<Row> {
  id: string
  title: string
  cell: (row: Row) => ReactNode
  /** What sorting and copying see. */
  value: (row: Row) => string | number
  /** Sorts instead of `value`, as it is: a number, or a text that is a natural key already. */
  sortKey?: (row: Row) => string | number
  numeric?: boolean
  /** Pixels; the column without a width takes what is left. */
  width?: number
  /** The column that names the row can be neither hidden nor moved. */
  fixed?: boolean
}

export interface Sort {
  column: string
  descending: boolean
}

interface Layout {
  widths: Record<string, number>
  hidden: string[]
  order: string[]
  sort: Sort
}

const narrowest = 64

export function sortRows<Row>(rows: readonly Row[], columns: readonly Column<Row>[], sort: Sort): Row[] {
  const column = columns.find((each) => each.id === sort.column)
  if (!column) return [...rows]
  if (column.sortKey) return sortedByKey(rows, column.sortKey, sort.descending)
  return sortedBy(rows, column.value, sort.descending)
}

/** The rows as they are shown, for a spreadsheet. */
export function asTsv<Row>(rows: readonly Row[], columns: readonly Column<Row>[]): string {
  const clean = (value: string | number) => String(value).replace(/[\t\r\n]+/g, ' ')
  const lines = rows.map((row) => columns.map((column) => clean(column.value(row))).join('\t'))
  return [columns.map((column) => clean(column.title)).join('\t'), ...lines].join('\n')
}

/** Columns in the person's order, with their widths, and what changes them. Remembered in this browser. */
export function useTableLayout<Row>(storageKey: string, all: readonly Column<Row>[], initialSort: Sort) {
  const [layout, setLayout] = useRemembered<Layout>(`table:${storageKey}`, {
    widths: {},
    hidden: [],
    order: [],
    sort: initialSort,
  })
  const place = (column: Column<Row>) => {
    const at = layout.order.indexOf(column.id)
    return at < 0 ? all.indexOf(column) : at
  }
  const ordered = [...all].sort((one, other) => place(one) - place(other))
  const columns = ordered.filter((column) => column.fixed || !layout.hidden.includes(column.id))
  const change = (part: Partial<Layout>) => setLayout({ ...layout, ...part })

  return {
    columns,
    ordered,
    sort: layout.sort,
    isHidden: (id: string) => layout.hidden.includes(id),
    widthOf: (column: Column<Row>) => layout.widths[column.id] ?? column.width,
    setWidth: (id: string, width: number) =>
      change({ widths: { ...layout.widths, [id]: Math.max(narrowest, Math.round(width)) } }),
    sortBy: (id: string) =>
      change({ sort: { column: id, descending: layout.sort.column === id && !layout.sort.descending } }),
    toggle: (id: string) =>
      change({
        hidden: layout.hidden.includes(id) ? layout.hidden.filter((each) => each !== id) : [...layout.hidden, id],
      }),
    /** Moves a column to where another stands, past no fixed one. */
    moveTo: (id: string, target: string) => {
      const order = ordered.map((column) => column.id).filter((each) => each !== id)
      const fixed = ordered.filter((column) => column.fixed).length
      const at = ordered.findIndex((column) => column.id === target)
      order.splice(Math.max(fixed, at), 0, id)
      change({ order })
    },
    reset: () => setLayout({ widths: {}, hidden: [], order: [], sort: initialSort }),
  }
}

export type TableLayout<Row> = ReturnType<typeof useTableLayout<Row>>
