import {
  type CST,
  type Document,
  isAlias,
  isMap,
  isScalar,
  isSeq,
  type Node,
  type Pair,
  parseDocument,
  type YAMLMap,
  type YAMLSeq,
} from 'yaml'

export type Path = readonly (string | number)[]

/** A change that cannot be made as a small splice; the message says what to do instead. */
export class YamlEditError extends Error {
  override name = 'YamlEditError'
}

/** A YAML text with its parsed form; every offset is into `text`. */
export interface Source {
  text: string
  doc: Document
  eol: string
}

export function parseSource(text: string): Source {
  const doc = parseDocument(text, { keepSourceTokens: true, merge: true, prettyErrors: true })
  return { text, doc, eol: /\r\n|\n/.exec(text)?.[0] ?? '\n' }
}

export type BlockPair = Pair<Node, Node | null>

export function findPair(map: YAMLMap, key: string | number): BlockPair | undefined {
  return map.items.find((pair) => isScalar(pair.key) && String(pair.key.value) === String(key)) as BlockPair | undefined
}

/** The node at a path, undefined where there is none; does not look through aliases. */
export function nodeAt(source: Source, path: Path): Node | null | undefined {
  let node: Node | null | undefined = source.doc.contents as Node | null
  for (const key of path) {
    if (isAlias(node)) throw sharedError(path)
    if (isMap(node)) node = findPair(node as YAMLMap, key)?.value
    else if (isSeq(node) && typeof key === 'number') node = (node as YAMLSeq).items[key] as Node | undefined
    else return undefined
  }
  return node
}

export function sharedError(path: Path): YamlEditError {
  return new YamlEditError(`\`${path.join('.')}\` is shared through a YAML alias. Edit it in raw file mode.`)
}

/** Whether a map or list is written with braces or brackets. */
export function isFlowCollection(node: Node): boolean {
  return node.srcToken?.type === 'flow-collection'
}

type ItemToken = CST.BlockMap['items'][number] | CST.FlowCollection['items'][number]

export function itemToken(pair: BlockPair): ItemToken | undefined {
  return pair.srcToken as ItemToken | undefined
}

export function keyStart(pair: BlockPair): number {
  const range = pair.key?.range
  if (!range) throw new YamlEditError('This part of the file can only be edited in raw file mode.')
  return range[0]
}

/** Just behind the colon of a pair, or null where it has none (`{a, b}`). */
export function colonEnd(pair: BlockPair): number | null {
  const colon = itemToken(pair)?.sep?.find((token) => token.type === 'map-value-ind')
  return colon ? colon.offset + 1 : null
}

/** Where the `- ` of each item of a block list stands. */
export function dashOffsets(seq: YAMLSeq): number[] {
  const token = seq.srcToken
  if (token?.type !== 'block-seq') return []
  return token.items.flatMap((item) => {
    const dash = item.start.find((part) => part.type === 'seq-item-ind')
    return dash ? [dash.offset] : []
  })
}

/** The end of what a node itself says, without the comment or the line break behind it. */
export function contentEnd(source: Source, node: Node): number {
  if (isFlowCollection(node) || isAlias(node)) return endOfRange(node)
  if (isMap(node)) {
    const last = (node as YAMLMap).items.at(-1) as BlockPair | undefined
    return last ? pairEnd(source, last) : endOfRange(node)
  }
  if (isSeq(node)) {
    const last = (node as YAMLSeq).items.at(-1) as Node | undefined
    const dash = dashOffsets(node as YAMLSeq).at(-1)
    if (last && hasText(last)) return contentEnd(source, last)
    return dash === undefined ? endOfRange(node) : dash + 1
  }
  if (isBlockScalar(node)) return blockScalarEnd(source, node)
  return endOfRange(node)
}

export function pairEnd(source: Source, pair: BlockPair): number {
  const value = pair.value
  if (value && hasText(value)) return contentEnd(source, value)
  const props = itemToken(pair)?.sep?.filter((token) => token.type === 'anchor' || token.type === 'tag')
  const last = props?.at(-1)
  if (last) return last.offset + last.source.length
  return colonEnd(pair) ?? endOfRange(pair.key)
}

/** False for the nothing behind `key:`. */
export function hasText(node: Node): boolean {
  return node.srcToken !== undefined && (node.range?.[1] ?? 0) > (node.range?.[0] ?? 0)
}

export function isBlockScalar(node: Node): boolean {
  return node.srcToken?.type === 'block-scalar'
}

function blockScalarEnd(source: Source, node: Node): number {
  const end = endOfRange(node)
  const start = node.range?.[0] ?? end
  const written = source.text.slice(start, end)
  const keepsBlankLines = /^[|>][0-9]*\+/.test(written)
  return keepsBlankLines ? end - (/\r?\n$/.exec(written)?.[0].length ?? 0) : start + written.trimEnd().length
}

function endOfRange(node: Node | null | undefined): number {
  if (!node?.range) throw new YamlEditError('This part of the file can only be edited in raw file mode.')
  return node.range[1]
}

export function lineStart(text: string, offset: number): number {
  return text.lastIndexOf('\n', offset - 1) + 1
}

/** The end of the line that holds `offset`, before its line break. */
export function lineEnd(text: string, offset: number): number {
  const found = text.indexOf('\n', offset)
  if (found < 0) return text.length
  return found > offset && text[found - 1] === '\r' ? found - 1 : found
}

/** The start of the next line, or the end of the text. */
export function nextLine(text: string, offset: number): number {
  const found = text.indexOf('\n', offset)
  return found < 0 ? text.length : found + 1
}

export function columnOf(text: string, offset: number): number {
  const start = lineStart(text, offset)
  return offset - start - (start === 0 && text.startsWith('\ufeff') ? 1 : 0)
}

/** How far nested maps and lists are indented in this file. */
export function indentSteps(source: Source): { map: number; list: number } {
  const steps = { map: 2, list: 0 }
  const root = source.doc.contents
  if (!isMap(root)) return steps
  let mapSeen = false
  for (const pair of root.items as BlockPair[]) {
    const value = pair.value
    if (!value || isFlowCollection(value) || !value.range) continue
    if (isMap(value) && !mapSeen) {
      steps.map = Math.max(1, columnOf(source.text, keyStart((value as YAMLMap).items[0] as BlockPair)))
      mapSeen = true
    }
    if (isSeq(value)) steps.list = columnOf(source.text, value.range[0])
  }
  return steps
}

/** Where an item of a list in brackets stands. */
export function flowItemSpan(source: Source, items: Node[], index: number): [number, number] {
  const item = items[index]
  if (!item?.range) throw new YamlEditError('This part of the file can only be edited in raw file mode.')
  return [item.range[0], contentEnd(source, item)]
}
