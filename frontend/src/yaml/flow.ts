import { isMap, isScalar, isSeq, type Node, type YAMLMap, type YAMLSeq } from 'yaml'
import type { Json } from './scalars'
import { type BlockPair, contentEnd, findPair, keyStart, type Path, parseSource, type Source } from './source'

/** A place in the YAML text; `line` counts from 1. */
export interface Span {
  from: number
  to: number
  line: number
}

export interface FlowInput {
  name: string
  type: string
  /** Undefined where the file gives none. */
  default: Json | undefined
  description: string
  isChatInput: boolean
  isChatHistory: boolean
  span: Span
}

export interface FlowOutput {
  name: string
  type: string
  reference: string
  description: string
  isChatOutput: boolean
  span: Span
}

export interface NodeInput {
  name: string
  value: Json
  span: Span
}

/** What a node does, written in the node itself or in one of its variants. */
export interface NodeBody {
  /** Where the body stands in the file. */
  path: Path
  type: string
  sourceType: string
  sourcePath: string
  tool: string
  inputs: NodeInput[]
  connection: string
  api: string
  provider: string
  activate: { when: string; is: Json } | null
  isAggregation: boolean
}

export interface Variant {
  id: string
  description: string
  body: NodeBody
  span: Span
}

export interface FlowNode {
  name: string
  index: number
  span: Span
  /** That of the default variant where the node has variants. */
  body: NodeBody
  variants: Variant[]
  defaultVariant: string | null
  comment: string
}

export interface FlowModel {
  type: string
  displayName: string
  inputs: FlowInput[]
  outputs: FlowOutput[]
  nodes: FlowNode[]
}

export interface FlowProblem {
  message: string
  from: number
  to: number
  line: number
  column: number
}

export interface FlowDocument {
  /** Null when the text is not YAML, or not that of a flow. */
  model: FlowModel | null
  problems: FlowProblem[]
}

type Fields = Record<string, unknown>

/** Read a flow out of the text of its `flow.dag.yaml`. Never throws for what the text says. */
export function parseFlowDocument(text: string): FlowDocument {
  const source = parseSource(text)
  const problems: FlowProblem[] = source.doc.errors.map((error) => {
    return problemAt(text, error.pos[0], error.pos[1], plainMessage(error.message))
  })
  if (problems.length > 0) return { model: null, problems }
  return new FlowReader(source).read()
}

function plainMessage(message: string): string {
  const sentence = message.replace(/ at line \d+, column \d+:[\s\S]*$/, '')
  return sentence.endsWith('.') ? sentence : `${sentence}.`
}

export function problemAt(text: string, from: number, to: number, message: string): FlowProblem {
  const start = text.lastIndexOf('\n', from - 1) + 1
  return { message, from, to: Math.max(from, to), line: lineNumber(text, from), column: from - start + 1 }
}

function lineNumber(text: string, offset: number): number {
  let line = 1
  for (let at = text.indexOf('\n'); at >= 0 && at < offset; at = text.indexOf('\n', at + 1)) line++
  return line
}

class FlowReader {
  private readonly source: Source
  private readonly problems: FlowProblem[] = []

  constructor(source: Source) {
    this.source = source
  }

  read(): FlowDocument {
    const { doc, text } = this.source
    let data: unknown
    try {
      data = doc.toJS({ maxAliasCount: 10_000 })
    } catch (error) {
      return { model: null, problems: [problemAt(text, 0, 0, plainMessage(String((error as Error).message)))] }
    }
    if (data === null || data === undefined) data = {}
    if (typeof data !== 'object' || Array.isArray(data)) {
      const end = text.indexOf('\n')
      const message = 'A flow file has to be a mapping with `inputs`, `outputs` and `nodes`.'
      return { model: null, problems: [problemAt(text, 0, end < 0 ? text.length : end, message)] }
    }
    const fields = data as Fields
    const model: FlowModel = {
      type: word(fields.type),
      displayName: word(fields.display_name),
      inputs: this.entries(fields, 'inputs').map(([name, value]) => this.readInput(name, value)),
      outputs: this.entries(fields, 'outputs').map(([name, value]) => this.readOutput(name, value)),
      nodes: this.readNodes(fields),
    }
    markChatHistory(model.inputs)
    return { model, problems: this.problems }
  }

  private readInput(name: string, value: unknown): FlowInput {
    const fields = asFields(value)
    return {
      name,
      type: word(fields.type) || 'string',
      default: fields.default === undefined ? undefined : (fields.default as Json),
      description: word(fields.description),
      isChatInput: fields.is_chat_input === true,
      isChatHistory: fields.is_chat_history === true,
      span: this.keySpan(['inputs', name]),
    }
  }

  private readOutput(name: string, value: unknown): FlowOutput {
    const fields = asFields(value)
    return {
      name,
      type: word(fields.type) || 'string',
      reference: fields.reference === undefined || fields.reference === null ? '' : asText(fields.reference),
      description: word(fields.description),
      isChatOutput: fields.is_chat_output === true,
      span: this.keySpan(['outputs', name]),
    }
  }

  private readNodes(fields: Fields): FlowNode[] {
    const list = fields.nodes
    if (list === undefined || list === null) return []
    if (!Array.isArray(list)) {
      this.complain(['nodes'], '`nodes` has to be a list.')
      return []
    }
    const variants = asFields(fields.node_variants)
    return list.flatMap((item, index) => {
      if (item === null || typeof item !== 'object' || Array.isArray(item)) {
        this.complain(['nodes', index], `Node ${index + 1} has to be a mapping with a \`name\`.`)
        return []
      }
      return [this.readNode(item as Fields, index, variants)]
    })
  }

  private readNode(fields: Fields, index: number, allVariants: Fields): FlowNode {
    const name = word(fields.name)
    const path = ['nodes', index]
    if (name === '') this.complain(path, `Node ${index + 1} has no \`name\`.`)
    const group = fields.use_variants === true ? asFields(allVariants[name]) : {}
    const variants = Object.entries(asFields(group.variants)).map(([id, value]): Variant => {
      const variantPath = ['node_variants', name, 'variants', id]
      return {
        id,
        description: word(asFields(value).description),
        body: this.readBody(asFields(asFields(value).node), [...variantPath, 'node']),
        span: this.keySpan(variantPath),
      }
    })
    const defaultVariant = variants.length > 0 ? word(group.default_variant_id) || null : null
    const chosen = variants.find((variant) => variant.id === defaultVariant) ?? variants[0]
    return {
      name,
      index,
      span: this.itemSpan(path),
      body: chosen?.body ?? this.readBody(fields, path),
      variants,
      defaultVariant,
      comment: word(fields.comment),
    }
  }

  private readBody(fields: Fields, path: Path): NodeBody {
    const source = asFields(fields.source)
    const activate = asFields(fields.activate)
    return {
      path,
      type: word(fields.type),
      sourceType: word(source.type) || 'code',
      sourcePath: word(source.path),
      tool: word(source.tool),
      inputs: Object.entries(asFields(fields.inputs)).map(([name, value]) => {
        return { name, value: value as Json, span: this.keySpan([...path, 'inputs', name]) }
      }),
      connection: word(fields.connection),
      api: word(fields.api),
      provider: word(fields.provider),
      activate: 'when' in activate ? { when: asText(activate.when), is: (activate.is ?? null) as Json } : null,
      isAggregation: fields.aggregation === true || fields.reduce === true,
    }
  }

  private entries(fields: Fields, key: string): [string, unknown][] {
    const value = fields[key]
    if (value === undefined || value === null) return []
    if (typeof value !== 'object' || Array.isArray(value)) {
      this.complain([key], `\`${key}\` has to be a mapping of names.`)
      return []
    }
    return Object.entries(value)
  }

  private complain(path: Path, message: string): void {
    const { from, to } = this.keySpan(path)
    this.problems.push(problemAt(this.source.text, from, to, message))
  }

  private keySpan(path: Path): Span {
    const pair = this.pairAt(path)
    if (pair?.key?.range) return this.span(keyStart(pair), pair.key.range[1])
    return this.itemSpan(path)
  }

  private itemSpan(path: Path): Span {
    const node = this.walk(path)
    if (!node?.range) return path.length > 1 ? this.keySpan(path.slice(0, -1)) : { from: 0, to: 0, line: 1 }
    return this.span(node.range[0], contentEnd(this.source, node))
  }

  private span(from: number, to: number): Span {
    return { from, to, line: lineNumber(this.source.text, from) }
  }

  private pairAt(path: Path): BlockPair | undefined {
    const parent = this.walk(path.slice(0, -1))
    return isMap(parent) ? findPair(parent as YAMLMap, path.at(-1) ?? '') : undefined
  }

  private walk(path: Path): Node | undefined {
    let node: Node | null | undefined = this.source.doc.contents as Node | null
    for (const key of path) {
      if (isMap(node)) node = findPair(node as YAMLMap, key)?.value
      else if (isSeq(node) && typeof key === 'number') node = (node as YAMLSeq).items[key] as Node | undefined
      else return undefined
    }
    return isScalar(node) || isMap(node) || isSeq(node) ? node : undefined
  }
}

/** An input called `chat_history` is the history when none is marked. */
function markChatHistory(inputs: FlowInput[]): void {
  if (inputs.some((input) => input.isChatHistory) || !inputs.some((input) => input.isChatInput)) return
  const named = inputs.find((input) => input.name === 'chat_history')
  if (named) named.isChatHistory = true
}

function asFields(value: unknown): Fields {
  return value !== null && typeof value === 'object' && !Array.isArray(value) ? (value as Fields) : {}
}

function word(value: unknown): string {
  return typeof value === 'string' ? value : typeof value === 'number' ? String(value) : ''
}

function asText(value: unknown): string {
  return typeof value === 'string' ? value : JSON.stringify(value)
}

/** A flow can be used as a chat when it has one chat input, one chat output and a history. */
export function isChatFlow(model: FlowModel): boolean {
  return model.inputs.filter((input) => input.isChatInput).length === 1
}
