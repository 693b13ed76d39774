import { useMemo, useState } from 'react'
import { DataTable } from '../../components/DataTable'
import { EmptyState } from '../../components/EmptyState'
import { StatusText } from '../../components/Status'
import { type Column, useTableLayout } from '../../components/tableState'
import { type DataRow, readData } from '../../lib/dataRows'
import { counted } from '../../lib/format'
import styles from './FilesPage.module.css'

const mostColumns = 40

/** JSON lines or separated values as a table, each row with its line in the file. */
export function DataRowsView({ name, text }: { name: string; text: string }) {
  const data = useMemo(() => readData(name, text), [name, text])
  if (data.rows.length === 0) {
    return (
      <EmptyState title="No rows yet">Write some in the text view: one JSON object, or one record, a line.</EmptyState>
    )
  }
  const columns = data.columns.slice(0, mostColumns)
  return <Rows key={columns.join('\n')} name={name} columns={columns} rows={data.rows} />
}

interface RowsProps {
  name: string
  columns: string[]
  rows: DataRow[]
}

function Rows({ name, columns: names, rows }: RowsProps) {
  const columns = useMemo(() => columnsOf(names), [names])
  const [storageKey] = useState(() => `data ${names.join(' ')}`.slice(0, 120))
  const layout = useTableLayout(storageKey, columns, { column: 'line', descending: false })
  const broken = rows.filter((row) => row.problem).length
  return (
    <>
      <DataTable
        label={name}
        rows={rows}
        rowKey={(row) => String(row.line)}
        rowName={(row) => `line ${row.line}`}
        layout={layout}
        flush
      />
      <div className={styles.status}>
        <span>
          {counted(rows.length, 'row')}, {counted(names.length, 'column')}
        </span>
        {broken > 0 && <StatusText status="failed">{counted(broken, 'line')} cannot be read</StatusText>}
      </div>
    </>
  )
}

function columnsOf(names: readonly string[]): Column<DataRow>[] {
  return [
    {
      id: 'line',
      title: 'Line',
      fixed: true,
      numeric: true,
      width: 88,
      value: (row) => row.line,
      cell: (row) => <span className="secondary">{row.line}</span>,
    },
    ...names.map(
      (name): Column<DataRow> => ({
        id: `value ${name}`,
        title: name,
        width: names.length > 4 ? 180 : undefined,
        value: (row) => row.values[name] ?? '',
        cell: (row) =>
          row.problem && name === names[0] ? (
            <StatusText status="failed">{row.problem}</StatusText>
          ) : (
            <span title={row.values[name]}>{row.values[name] ?? ''}</span>
          ),
      }),
    ),
  ]
}
