import { type Document, isAlias, isScalar, isSeq, type Node, type YAMLSeq } from 'yaml'
import type { Change } from './change'
import { indent, itemLines } from './layout'
import { inlineValue, type Json } from './scalars'
import {
  columnOf,
  contentEnd,
  dashOffsets,
  flowItemSpan,
  hasText,
  isFlowCollection,
  lineEnd,
  lineStart,
  nodeAt,
  type Path,
  type Source,
  sharedError,
  YamlEditError,
} from './source'
import type { TextEdit } from './splice'
import { addPath, meanSet, replaceNode } from './values'

/** Add an item to a list; the list is made where it is missing. `after` is an index; the end without it. */
export function addItem(path: Path, value: Json, after?: number): Change {
  return {
    edits: (source) => {
      const seq = nodeAt(source, path)
      if (seq === undefined) return addPath(source, path, [value], { block: true })
      if (isAlias(seq)) throw sharedError(path)
      if (!isSeq(seq) || (seq as YAMLSeq).items.length === 0) {
        if (seq !== null && !isSeq(seq) && !(isScalar(seq) && seq.value === null)) {
          throw new YamlEditError(`\`${path.join('.')}\` has to be a list.`)
        }
        return replaceNode(source, path, seq, [value], { block: true })
      }
      return insertItem(source, seq as YAMLSeq, value, after)
    },
    mean: (doc) => meanAddItem(doc, path, value, after),
  }
}

function meanAddItem(doc: Document, path: Path, value: Json, after?: number): void {
  const seq = doc.getIn(path, true)
  if (!isSeq(seq)) {
    meanSet(doc, path, [value])
    return
  }
  const items = (seq as YAMLSeq).items
  items.splice(after === undefined ? items.length : after + 1, 0, doc.createNode(value))
}

function insertItem(source: Source, seq: YAMLSeq, value: Json, after?: number): TextEdit[] {
  const { text, eol } = source
  const items = seq.items as Node[]
  const index = after ?? items.length - 1
  if (isFlowCollection(seq)) {
    const [, end] = flowItemSpan(source, items, index)
    return [{ from: end, to: end, insert: `, ${inlineValue(value, { inFlow: true })}` }]
  }
  const [, end] = blockItemSpan(source, seq, index)
  const column = columnOf(text, dashOffsets(seq)[0] ?? 0)
  const lines = indent(itemLines(source, value), column)
  const at = lineEnd(text, end)
  return [{ from: at, to: at, insert: eol + (hasBlankBetween(source, seq) ? eol : '') + lines.join(eol) }]
}

/** Whether the items of a block list are set apart by blank lines. */
function hasBlankBetween(source: Source, seq: YAMLSeq): boolean {
  const dashes = dashOffsets(seq)
  const first = seq.items[0] as Node | undefined
  const second = dashes[1]
  if (!first || second === undefined) return false
  return /\n[ \t]*\r?\n/.test(source.text.slice(contentEnd(source, first), second))
}

/** From the dash of an item to the end of its content. */
export function blockItemSpan(source: Source, seq: YAMLSeq, index: number): [number, number] {
  const item = seq.items[index] as Node | undefined
  const dash = dashOffsets(seq)[index]
  if (dash === undefined) throw new YamlEditError('This list can only be edited in raw file mode.')
  return [dash, item && hasText(item) ? contentEnd(source, item) : dash + 1]
}

/** Move an item one place down, with the comment lines that stand directly above it. */
export function swapWithNext(path: Path, index: number): Change {
  return {
    edits: (source) => {
      const seq = nodeAt(source, path)
      if (!isSeq(seq) || index < 0 || index + 1 >= seq.items.length)
        throw new YamlEditError('It cannot be moved there.')
      const list = seq as YAMLSeq
      const [a, b] = isFlowCollection(list)
        ? [flowItemSpan(source, list.items as Node[], index), flowItemSpan(source, list.items as Node[], index + 1)]
        : [movableSpan(source, list, index), movableSpan(source, list, index + 1)]
      const upper = source.text.slice(...a)
      const lower = source.text.slice(...b)
      return [
        { from: a[0], to: a[1], insert: lower },
        { from: b[0], to: b[1], insert: upper },
      ]
    },
    mean: (doc) => {
      const seq = doc.getIn(path, true)
      if (isSeq(seq)) seq.items.splice(index, 2, seq.items[index + 1], seq.items[index])
    },
  }
}

/** An item with its comment above and the comment behind its last line. */
function movableSpan(source: Source, seq: YAMLSeq, index: number): [number, number] {
  const { text } = source
  const [dash, end] = blockItemSpan(source, seq, index)
  const column = columnOf(text, dash)
  let start = dash
  while (start > 0) {
    const lineBefore = lineStart(text, lineStart(text, start) - 1)
    const line = text.slice(lineBefore, lineEnd(text, lineBefore))
    if (lineStart(text, start) === 0 || !line.slice(column).startsWith('#') || line.slice(0, column).trim() !== '')
      break
    start = lineBefore + column
  }
  return [start, lineEnd(text, end)]
}
