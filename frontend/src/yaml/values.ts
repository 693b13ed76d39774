import { type Document, isAlias, isMap, isScalar, isSeq, type Node, type Scalar, type YAMLMap } from 'yaml'
import type { Change } from './change'
import { blockLines, indent, itemLines, pairLines } from './layout'
import { inlineValue, type Json, literalBlock, type Quote } from './scalars'
import {
  type BlockPair,
  colonEnd,
  columnOf,
  contentEnd,
  findPair,
  hasText,
  indentSteps,
  isBlockScalar,
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

export interface AddOptions {
  /** A new map or list in several lines rather than in braces. */
  block?: boolean
  /** A new key stands in front of the first of these keys that exists. */
  before?: readonly string[]
}

/** Set the value at a path; missing maps on the way are made. */
export function setValue(path: Path, value: Json, options: AddOptions = {}): Change {
  return {
    edits: (source) => {
      const node = nodeAt(source, path)
      if (node === undefined) return addPath(source, path, value, options)
      return replaceNode(source, path, node, value, options)
    },
    mean: (doc) => meanSet(doc, path, value),
  }
}

export function meanSet(doc: Document, path: Path, value: Json): void {
  const [first] = path
  if (doc.contents === null && first !== undefined) {
    doc.contents = doc.createNode({}) as never
  }
  const present = doc.getIn(path, true)
  const isLeaf = isScalar(present) && (value === null || typeof value !== 'object')
  if (isLeaf) (present as Scalar).value = value
  else {
    makeMaps(doc, path.slice(0, -1))
    doc.setIn(path, doc.createNode(value))
  }
}

function makeMaps(doc: Document, path: Path): void {
  for (let length = 1; length <= path.length; length++) {
    const node = doc.getIn(path.slice(0, length), true)
    if (node === undefined || node === null || (isScalar(node) && node.value === null)) {
      doc.setIn(path.slice(0, length), doc.createNode({}))
    }
  }
}

export function replaceNode(
  source: Source,
  path: Path,
  node: Node | null,
  value: Json,
  options: AddOptions,
): TextEdit[] {
  const parent = nodeAt(source, path.slice(0, -1))
  const inFlow = isInFlow(source, path)
  if (node && isScalar(node) && hasText(node)) return replaceScalar(source, node, value, inFlow, parent)
  const key = path.at(-1) ?? ''
  if (isMap(parent)) {
    const pair = findPair(parent as YAMLMap, key)
    if (pair) return replacePairValue(source, pair, value, inFlow, options)
  }
  if (node && hasText(node) && options.block && isSeq(parent) && !inFlow) {
    const from = node.range?.[0] ?? 0
    const lines = indent(itemLines(source, value), columnOf(source.text, from) - 2)
    return [{ from, to: contentEnd(source, node), insert: lines.join(source.eol).trimStart().slice(2) }]
  }
  if (node && hasText(node)) {
    return [{ from: node.range?.[0] ?? 0, to: contentEnd(source, node), insert: inlineValue(value, { inFlow }) }]
  }
  throw new YamlEditError('This value can only be set in raw file mode.')
}

function isInFlow(source: Source, path: Path): boolean {
  for (let length = 0; length < path.length; length++) {
    const node = nodeAt(source, path.slice(0, length))
    if (node && isFlowCollection(node)) return true
  }
  return false
}

const quoteOf: Record<string, Quote> = { 'single-quoted-scalar': 'single', 'double-quoted-scalar': 'double' }

function replaceScalar(source: Source, node: Scalar, value: Json, inFlow: boolean, parent?: Node | null): TextEdit[] {
  const from = node.range?.[0] ?? 0
  const to = contentEnd(source, node)
  const parentColumn = parent?.range ? columnOf(source.text, parent.range[0]) : 0
  if (typeof value === 'string' && !inFlow) {
    const block = asBlock(source, node, value, parentColumn)
    if (block !== null) return [{ from, to, insert: block }]
  }
  const quote = typeof value === 'string' ? quoteOf[node.srcToken?.type ?? ''] : undefined
  return [{ from, to, insert: inlineValue(value, { inFlow, quote }) }]
}

/** The new text of a scalar that is a block (`|`, `>`) already, or becomes one because it has several lines. */
function asBlock(source: Source, node: Scalar, value: string, parentColumn: number): string | null {
  const { text, eol } = source
  const start = node.range?.[0] ?? 0
  const end = contentEnd(source, node)
  const atEnd = nextLine(text, end) === text.length && !text.endsWith('\n')
  if (!isBlockScalar(node)) {
    const restOfLine = text.slice(end, lineEnd(text, end)).trim()
    if (!value.includes('\n') || restOfLine !== '') return null
    return literalBlock(value, ' '.repeat(parentColumn + indentSteps(source).map), eol, atEnd)
  }
  const headerEnd = lineEnd(text, start)
  const bodyIndent = /^(?:[ ]*\r?\n)*([ ]+)/.exec(text.slice(nextLine(text, start), end))?.[1]
  const block = literalBlock(value, bodyIndent ?? ' '.repeat(parentColumn + 2), eol, atEnd)
  if (block === null) return null
  const comment = /\s+#.*$/.exec(text.slice(start, headerEnd))?.[0] ?? ''
  const isFolded = text[start] === '>' && !value.trimEnd().includes('\n') && !/^\s/.test(value)
  const header = /^[|>]-?/.exec(block)?.[0] ?? '|'
  return (isFolded ? header.replace('|', '>') : header) + comment + block.slice(header.length)
}

/** A value that is missing, in braces or in several lines gives way to a new one behind the colon. */
function replacePairValue(
  source: Source,
  pair: BlockPair,
  value: Json,
  inFlow: boolean,
  options: AddOptions,
): TextEdit[] {
  const { text } = source
  const colon = colonEnd(pair)
  const column = columnOf(text, keyStart(pair))
  const lines = options.block && !inFlow ? blockLines(source, value) : null
  const insert = lines ? source.eol + indent(lines, column).join(source.eol) : ` ${inlineValue(value, { inFlow })}`
  if (colon === null) {
    const at = contentEnd(source, pair.key)
    return [{ from: at, to: at, insert: `:${insert}` }]
  }
  const node = pair.value
  if (!node || !hasText(node)) {
    const at = lines ? lineEnd(text, pairEnd(source, pair)) : pairEnd(source, pair)
    return [{ from: at, to: at, insert }]
  }
  const from = node.range?.[0] ?? 0
  const to = contentEnd(source, node)
  if (lineStart(text, from) <= colon && lines === null) return [{ from, to, insert: insert.slice(1) }]
  if (lineStart(text, from) <= colon) return [{ from: colon, to, insert }]
  return [
    { from: colon, to: colon, insert },
    { from: lineEnd(text, colon), to, insert: '' },
  ]
}

export function addPath(source: Source, path: Path, value: Json, options: AddOptions): TextEdit[] {
  let depth = path.length - 1
  while (depth > 0 && nodeAt(source, path.slice(0, depth)) === undefined) depth--
  const parentPath = path.slice(0, depth)
  const nested = path.slice(depth + 1).reduceRight<Json>((inner, key) => ({ [String(key)]: inner }), value)
  const parent = nodeAt(source, parentPath)
  const key = String(path[depth])
  const block = options.block ?? path.length - depth > 1
  if (parent === null || parent === undefined || (isScalar(parent) && parent.value === null)) {
    if (depth === 0) return addToEmptyFile(source, key, nested, block)
    return replaceNode(source, parentPath, parent ?? null, { [key]: nested }, { block: true })
  }
  if (isAlias(parent)) throw sharedError(parentPath)
  if (!isMap(parent)) throw new YamlEditError(`\`${parentPath.join('.')}\` has to be a mapping.`)
  const map = parent as YAMLMap
  if (isFlowCollection(map)) {
    if (map.items.length === 0 && !isInFlow(source, parentPath) && typeof parentPath.at(-1) === 'string') {
      return replaceNode(source, parentPath, map, { [key]: nested }, { block: true })
    }
    return addToFlowMap(source, map, key, nested)
  }
  return addToBlockMap(source, map, key, nested, { ...options, block: block && (depth === 0 || !siblingIsFlow(map)) })
}

function addToEmptyFile(source: Source, key: string, value: Json, block: boolean): TextEdit[] {
  const { text, eol } = source
  const lines = pairLines(source, key, value, block)
  const glue = text === '' || text.endsWith('\n') || text === '\ufeff' ? '' : eol
  return [{ from: text.length, to: text.length, insert: glue + lines.join(eol) + eol }]
}

function addToFlowMap(source: Source, map: YAMLMap, key: string, value: Json): TextEdit[] {
  const pair = `${inlineValue(key, { inFlow: true })}: ${inlineValue(value, { inFlow: true })}`
  const last = map.items.at(-1) as BlockPair | undefined
  const start = (map.range?.[0] ?? 0) + 1
  if (!last) return [{ from: start, to: start, insert: pair }]
  const end = pairEnd(source, last)
  const ownLine = lineStart(source.text, keyStart(last)) > start
  const glue = ownLine ? `,${source.eol}${' '.repeat(columnOf(source.text, keyStart(last)))}` : ', '
  return [{ from: end, to: end, insert: glue + pair }]
}

function addToBlockMap(source: Source, map: YAMLMap, key: string, value: Json, options: AddOptions): TextEdit[] {
  const { text, eol } = source
  const pairs = map.items as BlockPair[]
  const first = pairs[0]
  const last = pairs.at(-1)
  if (!first || !last) throw new YamlEditError('This map can only be edited in raw file mode.')
  const column = columnOf(text, keyStart(first))
  const lines = indent(pairLines(source, key, value, options.block ?? false), column)
  const follower = options.before?.map((name) => findPair(map, name)).find((pair) => pair !== undefined)
  if (follower && columnOf(text, keyStart(follower)) === column && follower !== first) {
    const at = lineStart(text, keyStart(follower))
    return [{ from: at, to: at, insert: lines.join(eol) + eol }]
  }
  const at = lineEnd(text, pairEnd(source, last))
  return [{ from: at, to: at, insert: eol + lines.join(eol) }]
}

/** New entries follow the look of their siblings: braces among braces. */
function siblingIsFlow(map: YAMLMap): boolean {
  const maps = (map.items as BlockPair[]).flatMap(({ value }) =>
    isMap(value) && value.items.length > 0 ? [value] : [],
  )
  const last = maps.at(-1)
  return last !== undefined && isFlowCollection(last)
}

/** Give a key another name where it stands. */
export function renameKey(path: Path, name: string): Change {
  return {
    edits: (source) => {
      const parent = nodeAt(source, path.slice(0, -1))
      const pair = isMap(parent) ? findPair(parent as YAMLMap, path.at(-1) ?? '') : undefined
      if (!pair || !isMap(parent)) throw new YamlEditError(`There is no \`${path.join('.')}\` to rename.`)
      if (findPair(parent as YAMLMap, name)) throw new YamlEditError(`There is a \`${name}\` already.`)
      const key = pair.key as Scalar
      return replaceScalar(source, key, name, isFlowCollection(parent))
    },
    mean: (doc) => {
      const parent = doc.getIn(path.slice(0, -1), true)
      const pair = isMap(parent) ? findPair(parent as YAMLMap, path.at(-1) ?? '') : undefined
      if (pair) (pair.key as Scalar).value = name
    },
  }
}

/** Write `to` for the first `from` inside scalars, as when a name inside references changes. */
export function replaceInScalars(paths: readonly Path[], from: string, to: string): Change {
  return {
    edits: (source) =>
      paths.flatMap((path) => {
        const node = nodeAt(source, path)
        if (!node?.range || !isScalar(node)) return []
        const found = source.text.slice(node.range[0], node.range[1]).indexOf(from)
        if (found < 0) throw new YamlEditError(`\`${path.join('.')}\` can only be edited in raw file mode.`)
        const at = node.range[0] + found
        return [{ from: at, to: at + from.length, insert: to }]
      }),
    mean: (doc) => {
      for (const path of paths) {
        const node = doc.getIn(path, true)
        if (isScalar(node)) node.value = String(node.value).replace(from, to)
      }
    },
  }
}
