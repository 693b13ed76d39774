import { counted } from './format'

/** Reads JSON lines and separated values for a table. */

export interface DataRow {
  line: number
  values: Record<string, string>
  /** What is wrong with the line, if it could not be read. */
  problem: string | null
}

export interface DataTableContent {
  columns: string[]
  rows: DataRow[]
}

export function readData(name: string, text: string): DataTableContent {
  const content = /\.jsonl$/i.test(name) ? readJsonLines(text) : readSeparated(text, /\.tsv$/i.test(name) ? '\t' : ',')
  return content
}

function shown(value: unknown): string {
  if (value === undefined || value === null) return value === null ? 'null' : ''
  return typeof value === 'string' ? value : JSON.stringify(value)
}

function readJsonLines(text: string): DataTableContent {
  const columns = new Set<string>()
  const rows: DataRow[] = []
  text.split(/\r?\n/).forEach((line, index) => {
    if (line.trim() === '') return
    try {
      const value: unknown = JSON.parse(index === 0 ? line.replace(/^\uFEFF/, '') : line)
      const record: Record<string, unknown> =
        typeof value === 'object' && value !== null && !Array.isArray(value) ? { ...value } : { value }
      for (const key of Object.keys(record)) columns.add(key)
      const values = Object.fromEntries(Object.entries(record).map(([key, each]) => [key, shown(each)]))
      rows.push({ line: index + 1, values, problem: null })
    } catch (error) {
      const problem = error instanceof Error ? error.message : 'This line is no JSON.'
      rows.push({ line: index + 1, values: {}, problem })
    }
  })
  return { columns: [...columns], rows }
}

function readSeparated(text: string, separator: string): DataTableContent {
  const records = separatedRecords(text.replace(/^\uFEFF/, ''), separator)
  const head = records.shift()
  if (!head) return { columns: [], rows: [] }
  const columns = head.fields.map((field, index) => field || `Column ${index + 1}`)
  const rows = records.map(({ line, fields }): DataRow => {
    const values = Object.fromEntries(columns.map((column, index) => [column, fields[index] ?? '']))
    const problem =
      fields.length > columns.length
        ? `There are ${fields.length} values for ${counted(columns.length, 'column')}.`
        : null
    return { line, values, problem }
  })
  return { columns, rows }
}

interface SeparatedRecord {
  line: number
  fields: string[]
}

function separatedRecords(text: string, separator: string): SeparatedRecord[] {
  const records: SeparatedRecord[] = []
  const field = new RegExp(`("(?:[^"]|"")*"?|[^${separator}\\r\\n]*)(${separator}|\\r?\\n|$)`, 'gy')
  let line = 1
  let current: SeparatedRecord = { line, fields: [] }
  for (let match = field.exec(text); match; match = field.exec(text)) {
    const raw = match[1] ?? ''
    const end = match[2] ?? ''
    current.fields.push(raw.startsWith('"') ? raw.replace(/^"|"$/g, '').replaceAll('""', '"') : raw)
    line += (match[0].match(/\n/g) ?? []).length
    if (end === separator) continue
    if (current.fields.length > 1 || current.fields[0] !== '') records.push(current)
    current = { line, fields: [] }
    if (end === '') break
  }
  return records
}
