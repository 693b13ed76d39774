import { isAlias, isMap, isSeq, type Node, type YAMLMap, type YAMLSeq } from 'yaml'
import type { Change } from './change'
import {
  type BlockPair,
  colonEnd,
  contentEnd,
  dashOffsets,
  findPair,
  flowItemSpan,
  hasText,
  isFlowCollection,
  keyStart,
  lineEnd,
  lineStart,
  nextLine,
  nodeAt,
  type Path,
  pairEnd,
  type Source,
  sharedError,
  YamlEditError,
} from './source'
import type { TextEdit } from './splice'

/** Remove a key of a map, or an item of a list, with its lines. Comments on lines of their own stay. */
export function removeAt(path: Path): Change {
  return {
    edits: (source) => {
      const parent = nodeAt(source, path.slice(0, -1))
      const key = path.at(-1) ?? ''
      if (isAlias(parent)) throw sharedError(path)
      if (isMap(parent)) return removePair(source, parent as YAMLMap, key, path)
      if (isSeq(parent) && typeof key === 'number') return removeItem(source, parent as YAMLSeq, key, path)
      throw new YamlEditError(`There is no \`${path.join('.')}\` to remove.`)
    },
    mean: (doc) => {
      doc.deleteIn(path)
    },
  }
}

function removePair(source: Source, map: YAMLMap, key: string | number, path: Path): TextEdit[] {
  const pairs = map.items as BlockPair[]
  const pair = findPair(map, key)
  const index = pair ? pairs.indexOf(pair) : -1
  if (!pair) throw new YamlEditError(`There is no \`${path.join('.')}\` to remove.`)
  const start = keyStart(pair)
  const end = pairEnd(source, pair)
  if (isFlowCollection(map)) {
    return [removeFromFlow(source, index, pairs.length, start, end, (i) => pairSpan(source, pairs, i))]
  }
  if (pairs.length === 1) return emptyParent(source, path, map, '{}')
  const leadsItem = source.text.slice(lineStart(source.text, start), start).trim() !== ''
  const next = pairs[index + 1]
  if (leadsItem && next) return [{ from: start, to: keyStart(next), insert: '' }]
  return [wholeLines(source.text, start, end)]
}

function pairSpan(source: Source, pairs: BlockPair[], index: number): [number, number] {
  const pair = pairs[index]
  if (!pair) throw new YamlEditError('This part of the file can only be edited in raw file mode.')
  return [keyStart(pair), pairEnd(source, pair)]
}

function removeFromFlow(
  source: Source,
  index: number,
  count: number,
  start: number,
  end: number,
  spanOf: (index: number) => [number, number],
): TextEdit {
  if (index + 1 < count) return { from: start, to: spanOf(index + 1)[0], insert: '' }
  if (index > 0) return { from: spanOf(index - 1)[1], to: end, insert: '' }
  const comma = /^\s*,/.exec(source.text.slice(end))?.[0].length ?? 0
  return { from: start, to: end + comma, insert: '' }
}

function wholeLines(text: string, start: number, end: number): TextEdit {
  const from = lineStart(text, start)
  const to = nextLine(text, end)
  if (to === text.length && !text.endsWith('\n') && from > 0) {
    const breakLength = text[from - 2] === '\r' ? 2 : 1
    return { from: from - breakLength, to, insert: '' }
  }
  return { from, to, insert: '' }
}

/** The last entry goes: its map or list becomes `{}` or `[]` behind the key of the parent. */
function emptyParent(source: Source, path: Path, node: Node, empty: string): TextEdit[] {
  const { text } = source
  const holderPath = path.slice(0, -1)
  const holder = nodeAt(source, holderPath.slice(0, -1))
  const from = node.range?.[0] ?? 0
  const to = contentEnd(source, node)
  const pair = holderPath.length > 0 && isMap(holder) ? findPair(holder as YAMLMap, holderPath.at(-1) ?? '') : undefined
  const colon = pair ? colonEnd(pair) : null
  if (colon === null || lineStart(text, from) <= colon) return [{ from, to, insert: empty }]
  return [{ from: colon, to: colon, insert: ` ${empty}` }, wholeLinesAfter(text, colon, from, to)]
}

function wholeLinesAfter(text: string, colon: number, from: number, to: number): TextEdit {
  const edit = wholeLines(text, from, to)
  return edit.from < colon ? { ...edit, from: lineEnd(text, colon) } : edit
}

function removeItem(source: Source, seq: YAMLSeq, index: number, path: Path): TextEdit[] {
  const items = seq.items as Node[]
  const item = items[index]
  if (!item) throw new YamlEditError(`There is no \`${path.join('.')}\` to remove.`)
  if (isFlowCollection(seq)) {
    const [start, end] = flowItemSpan(source, items, index)
    return [removeFromFlow(source, index, items.length, start, end, (i) => flowItemSpan(source, items, i))]
  }
  if (items.length === 1) return emptyParent(source, path, seq, '[]')
  const dash = dashOffsets(seq)[index] ?? 0
  const end = hasText(item) ? contentEnd(source, item) : dash + 1
  return [withBlankLinesAbove(source.text, wholeLines(source.text, dash, end))]
}

/** What sets an item apart from the one above goes with it. */
function withBlankLinesAbove(text: string, edit: TextEdit): TextEdit {
  const head = text.slice(0, edit.from)
  const startsAtBreak = /[\r\n]/.test(text[edit.from] ?? '')
  const blank = !startsAtBreak ? /\n((?:[ \t]*\r?\n)+)$/.exec(head)?.[1] : /(?:\r?\n[ \t]*)+$/.exec(head)?.[0]
  return { ...edit, from: edit.from - (blank?.length ?? 0) }
}
