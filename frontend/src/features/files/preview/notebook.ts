/** Reads a notebook into plain data. Of its outputs only what is text or a picture is taken; nothing in it can run. */

export type Output =
  | { type: 'text'; text: string; isError: boolean }
  | { type: 'picture'; address: string }
  | { type: 'left out'; what: string }

export type Cell =
  | { type: 'markdown'; text: string }
  | { type: 'raw'; text: string }
  | { type: 'code'; text: string; count: number | null; outputs: Output[] }

type Json = Record<string, unknown>

const isRecord = (value: unknown): value is Json => typeof value === 'object' && value !== null && !Array.isArray(value)
const isPresent = <Value>(value: Value | null): value is Value => value !== null

/** Texts are written as one, or as a list of lines. */
function textOf(value: unknown): string {
  if (Array.isArray(value)) return value.filter((each) => typeof each === 'string').join('')
  return typeof value === 'string' ? value : ''
}

/** Without the codes that color a terminal, and with only what a carriage return left of a line. */
export function plainText(text: string): string {
  // biome-ignore lint/suspicious/noControlCharactersInRegex: the codes begin with a control character.
  return text.replace(/\u001b\[[0-9;?]*[A-Za-z]/g, '').replace(/[^\n]*\r(?!\n)/g, '')
}

const pictures = ['image/png', 'image/jpeg', 'image/gif', 'image/webp']

function dataOutput(data: Json): Output {
  for (const type of pictures) {
    const bytes = textOf(data[type]).replace(/\s+/g, '')
    if (/^[A-Za-z0-9+/]+=*$/.test(bytes)) return { type: 'picture', address: `data:${type};base64,${bytes}` }
  }
  const drawing = textOf(data['image/svg+xml'])
  if (drawing) return { type: 'picture', address: `data:image/svg+xml,${encodeURIComponent(drawing)}` }
  const text = textOf(data['text/plain'])
  if (text) return { type: 'text', text: plainText(text), isError: false }
  return { type: 'left out', what: Object.keys(data).join(', ') }
}

function outputOf(value: unknown): Output | null {
  if (!isRecord(value)) return null
  if (value.output_type === 'stream') {
    return { type: 'text', text: plainText(textOf(value.text)), isError: value.name === 'stderr' }
  }
  if (value.output_type === 'error') {
    const trace = Array.isArray(value.traceback) ? value.traceback.map(textOf).join('\n') : ''
    return { type: 'text', text: plainText(trace || `${textOf(value.ename)}: ${textOf(value.evalue)}`), isError: true }
  }
  return isRecord(value.data) ? dataOutput(value.data) : null
}

function cellOf(value: unknown): Cell | null {
  if (!isRecord(value)) return null
  const text = textOf(value.source ?? value.input)
  if (value.cell_type === 'markdown') return { type: 'markdown', text }
  if (value.cell_type !== 'code') return { type: 'raw', text }
  const outputs = Array.isArray(value.outputs) ? value.outputs.map(outputOf).filter(isPresent) : []
  return {
    type: 'code',
    text,
    count: typeof value.execution_count === 'number' ? value.execution_count : null,
    outputs,
  }
}

/** The cells of a notebook. Throws where the text is none. */
export function readNotebook(text: string): Cell[] {
  const notebook: unknown = JSON.parse(text)
  if (!isRecord(notebook)) throw new Error('It has no cells.')
  const sheet = Array.isArray(notebook.worksheets) ? notebook.worksheets[0] : notebook
  const cells = isRecord(sheet) ? sheet.cells : null
  if (!Array.isArray(cells)) throw new Error('It has no cells.')
  return cells.map(cellOf).filter(isPresent)
}
