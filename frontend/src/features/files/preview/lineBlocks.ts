import { type DataRow, readData } from '../../../lib/dataRows'

/** A stretch of the file that holds whole records. */
interface Block {
  from: number
  to: number
  /** The first of its rows, and how many there are. */
  first: number
  count: number
  /** The line of the file it begins with, from 1. */
  line: number
}

type Read = (from: number, to: number) => Promise<Uint8Array>

const pieceSize = 256 * 1024
const longestRecord = 16 * 1024 * 1024
const keptBlocks = 12
const newline = 10
const quote = 34

/** More would be taller than browsers let a page be. */
export const mostRows = 1_000_000

/** Where the last whole record ends; 0 where none does. A line break inside quotes ends none. */
export function endOfRecords(bytes: Uint8Array, isQuoted: boolean): number {
  if (!isQuoted) return bytes.lastIndexOf(newline) + 1
  let end = 0
  let isInside = false
  for (let at = 0; at < bytes.length; at += 1) {
    if (bytes[at] === quote) isInside = !isInside
    else if (bytes[at] === newline && !isInside) end = at + 1
  }
  return end
}

/** The records of a large file, read piece by piece as they are looked at; only the latest pieces are kept. */
export class LineBlocks {
  columns: string[] = []
  private readonly blocks: Block[] = []
  private readonly kept = new Map<Block, DataRow[]>()
  private readonly name: string
  private readonly size: number
  private readonly read: Read
  private head = ''
  /** The line that the next piece begins with. */
  private lineAfter = 1
  private reading: Promise<void> | null = null

  constructor(name: string, size: number, read: Read) {
    this.name = name
    this.size = size
    this.read = read
  }

  /** How many rows are known so far. */
  get count(): number {
    const last = this.blocks.at(-1)
    return last ? last.first + last.count : 0
  }

  /** How many bytes have been looked at. */
  get bytes(): number {
    return this.blocks.at(-1)?.to ?? 0
  }

  get isWhole(): boolean {
    return this.bytes >= this.size || this.count >= mostRows
  }

  /** A row, or undefined where its piece has to be read again. */
  row(index: number): DataRow | undefined {
    const block = this.blockOf(index)
    return block && this.kept.get(block)?.[index - block.first]
  }

  /** Reads on from where it ended. */
  more(): Promise<void> {
    this.reading ??= this.next().finally(() => {
      this.reading = null
    })
    return this.reading
  }

  /** Reads the piece of a row that is kept no more. */
  async recall(index: number): Promise<void> {
    const block = this.blockOf(index)
    if (!block || this.kept.has(block)) return
    this.keep(block, this.parse(await this.read(block.from, block.to), block.line))
  }

  private blockOf(index: number): Block | undefined {
    let low = 0
    let high = this.blocks.length - 1
    while (low < high) {
      const middle = (low + high + 1) >> 1
      if ((this.blocks[middle]?.first ?? 0) <= index) low = middle
      else high = middle - 1
    }
    return this.blocks[low]
  }

  private async next(): Promise<void> {
    if (this.isWhole) return
    const from = this.bytes
    const bytes = await this.wholeRecords(from)
    const before = this.blocks.at(-1)
    const line = before ? this.lineAfter : 1
    const rows = this.parse(bytes, line)
    const block = { from, to: from + bytes.length, first: this.count, count: rows.length, line }
    this.lineAfter = line + bytes.reduce((lines, byte) => lines + (byte === newline ? 1 : 0), 0)
    this.blocks.push(block)
    this.keep(block, rows)
  }

  private async wholeRecords(from: number): Promise<Uint8Array> {
    for (let length = pieceSize; ; length *= 4) {
      const to = Math.min(this.size, from + length)
      const bytes = await this.read(from, to)
      if (to === this.size) return bytes
      const end = endOfRecords(bytes, !this.isJson)
      if (end > 0) return bytes.slice(0, end)
      if (length >= longestRecord) throw new Error('A line of this file is too long for a table. Download it instead.')
    }
  }

  private get isJson(): boolean {
    return /\.jsonl$/i.test(this.name)
  }

  /** The first record names the columns of separated values; it stands before each further piece. */
  private parse(bytes: Uint8Array, line: number): DataRow[] {
    const text = new TextDecoder().decode(bytes)
    const isFirst = line === 1
    if (isFirst && !this.isJson) this.head = text.slice(0, endOfText(text))
    const { columns, rows } = readData(this.name, isFirst || this.isJson ? text : this.head + text)
    const added = isFirst || this.isJson ? line - 1 : line - 1 - (this.head.match(/\n/g) ?? []).length
    const known = new Set(this.columns)
    this.columns = [...this.columns, ...columns.filter((column) => !known.has(column))]
    return added === 0 ? rows : rows.map((row) => ({ ...row, line: row.line + added }))
  }

  private keep(block: Block, rows: DataRow[]): void {
    this.kept.set(block, rows)
    const oldest = this.kept.keys().next()
    if (this.kept.size > keptBlocks && !oldest.done) this.kept.delete(oldest.value)
  }
}

/** Where the first record of a text ends, with its line break. */
function endOfText(text: string): number {
  let isInside = false
  for (let at = 0; at < text.length; at += 1) {
    if (text[at] === '"') isInside = !isInside
    else if (text[at] === '\n' && !isInside) return at + 1
  }
  return text.length
}
