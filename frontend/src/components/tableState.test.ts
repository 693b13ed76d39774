import { expect, it } from 'vitest'
import { asTsv, type Column, sortRows } from './tableState'

interface Row {
  name: string
  size: number
}

const columns: Column<Row>[] = [
  { id: 'name', title: 'Name', value: (row) => row.name, cell: (row) => row.name },
  { id: 'size', title: 'Size', value: (row) => row.size, cell: (row) => row.size },
]
const rows: Row[] = [
  { name: 'b\t2', size: 9 },
  { name: 'a10', size: 10 },
  { name: 'a9', size: 1 },
]

it('sorts by a column in both directions', () => {
  expect(sortRows(rows, columns, { column: 'name', descending: false }).map((row) => row.name)).toEqual([
    'a9',
    'a10',
    'b\t2',
  ])
  expect(sortRows(rows, columns, { column: 'size', descending: true }).map((row) => row.size)).toEqual([10, 9, 1])
})

it('copies as tab-separated values that stay in their cells', () => {
  expect(asTsv(rows, columns)).toBe('Name\tSize\nb 2\t9\na10\t10\na9\t1')
})
