import { useVirtualizer } from '@tanstack/react-virtual'
import { useEffect, useRef, useState } from 'react'
import type { FileEntry } from '../../../api/files'
import { ErrorMessage } from '../../../components/Note'
import type { DataRow } from '../../../lib/dataRows'
import { counted, formatBytes, formatCount } from '../../../lib/format'
import { LineBlocks, mostRows } from './lineBlocks'
import styles from './preview.module.css'
import { readRange } from './ranges'

const rowHeight = 32
const mostColumns = 40
const readsAhead = 200

/** A large file of records as a table: what is looked at is read, and no more. */
export function LargeTable({ entry }: { entry: FileEntry }) {
  const scroller = useRef<HTMLDivElement>(null)
  const { blocks, error, more, recall } = useBlocks(entry)
  const virtual = useVirtualizer({
    count: blocks.count,
    getScrollElement: () => scroller.current,
    estimateSize: () => rowHeight,
    overscan: 12,
  })
  const items = virtual.getVirtualItems()
  const first = items[0]?.index ?? 0
  const end = (items.at(-1)?.index ?? -1) + 1
  const isNearEnd = end + readsAhead >= blocks.count
  const missing = items.find(({ index }) => !blocks.row(index))?.index ?? -1

  useEffect(() => {
    if (isNearEnd && blocks.count > 0 && !blocks.isWhole) more()
  }, [isNearEnd, more, blocks])
  useEffect(() => {
    if (missing >= 0) recall(missing)
  }, [missing, recall])

  const columns = blocks.columns.slice(0, mostColumns)
  return (
    <>
      {error !== null && <ErrorMessage bar error={error} title="The file could not be read." onRetry={more} />}
      {/* biome-ignore lint/a11y/noNoninteractiveTabindex: what scrolls must be reachable by keyboard. */}
      <section ref={scroller} className={styles.scroller} aria-label={`Rows of ${entry.name}`} tabIndex={0}>
        <table
          className={styles.table}
          style={{ minWidth: 88 + columns.length * 140 }}
          aria-rowcount={blocks.count + 1}
        >
          <thead>
            <tr>
              <th className={styles.lineCell}>Line</th>
              {columns.map((column) => (
                <th key={column}>{column}</th>
              ))}
            </tr>
          </thead>
          <tbody>
            <Spacer height={first * rowHeight} />
            {items.map(({ index }) => (
              <Row key={index} index={index} row={blocks.row(index)} columns={columns} />
            ))}
            <Spacer height={(blocks.count - end) * rowHeight} />
          </tbody>
        </table>
      </section>
      <Status blocks={blocks} size={entry.size ?? 0} />
    </>
  )
}

/** The pieces of the file, and a render for each that comes in. */
function useBlocks(entry: FileEntry) {
  const { path, name, etag } = entry
  const size = entry.size ?? 0
  const [made] = useState(() => new LineBlocks(name, size, (from, to) => readRange(path, from, to, etag)))
  const [, setCame] = useState(0)
  const [error, setError] = useState<unknown>(null)
  const [acts] = useState(() => {
    const show = (reading: Promise<void>) => {
      reading.then(
        () => {
          setError(null)
          setCame((count) => count + 1)
        },
        (problem: unknown) => setError(problem),
      )
    }
    return { more: () => show(made.more()), recall: (index: number) => show(made.recall(index)) }
  })
  useEffect(() => acts.more(), [acts])
  return { blocks: made, error, ...acts }
}

interface RowProps {
  index: number
  row: DataRow | undefined
  columns: readonly string[]
}

function Row({ index, row, columns }: RowProps) {
  return (
    <tr aria-rowindex={index + 2}>
      <td className={styles.lineCell}>{row?.line ?? ''}</td>
      {row?.problem ? (
        <td colSpan={columns.length} className={styles.broken}>
          {row.problem}
        </td>
      ) : (
        columns.map((column) => (
          <td key={column} title={row?.values[column]}>
            {row ? (row.values[column] ?? '') : '…'}
          </td>
        ))
      )}
    </tr>
  )
}

function Spacer({ height }: { height: number }) {
  if (height <= 0) return null
  return (
    <tr aria-hidden>
      <td className={styles.spacer} style={{ height }} />
    </tr>
  )
}

function Status({ blocks, size }: { blocks: LineBlocks; size: number }) {
  const { count, columns, bytes, isWhole } = blocks
  return (
    <div className={styles.status}>
      <span role="status">
        {isWhole ? counted(count, 'row') : `The first ${counted(count, 'row')}; scroll for more`},{' '}
        {counted(columns.length, 'column')}
      </span>
      <span>
        {count >= mostRows && bytes < size
          ? `A table ends at ${formatCount(mostRows)} rows; download the file for all of them.`
          : `${formatBytes(bytes)} of ${formatBytes(size)} read · read-only, because it is large`}
      </span>
    </div>
  )
}
