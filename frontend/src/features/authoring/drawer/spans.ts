import type { NodeKind } from '../../../components/Kind'
import { nodeKind } from '../../../components/Kind'
import type { Status } from '../../../components/Status'
import type { Json } from '../../../yaml/scalars'
import { type ApiCall, type RunError, type RunRecord, secondsOf, statusOf, tokensOf } from '../run/types'

/** A stretch of a run: the flow, a node, or a call within a node. */
export interface Span {
  id: string
  name: string
  depth: number
  /** Of a node, in the flow file; null for the flow itself and for calls. */
  kind: NodeKind | null
  isModelCall: boolean
  status: Status
  /** Seconds after the run began. */
  start: number | null
  duration: number | null
  tokens: number
  inputs: Json | undefined
  output: Json | undefined
  error: RunError | { message?: string; type?: string } | null
  /** The node it belongs to. */
  node: string | null
  usage: Record<string, number> | null
}

/** The spans of a run in the order in which they began, calls below their node. */
export function spansOf(run: RunRecord, flowName: string, kinds: ReadonlyMap<string, string>): Span[] {
  const starts = run.order.map((name) => secondsOf(run.nodes[name]?.result?.start_time)).filter((each) => each !== null)
  const zero = Math.min(...starts, run.startedAt / 1000)
  const calls = run.calls.map((call) => secondsOf(call.start_time)).filter((each) => each !== null)
  const from = starts.length > 0 || calls.length > 0 ? Math.min(...starts, ...calls) : zero
  const flow: Span = {
    id: 'flow',
    name: flowName,
    depth: 0,
    kind: null,
    isModelCall: false,
    status: run.status,
    start: 0,
    duration: run.duration,
    tokens: run.tokens,
    inputs: run.inputs,
    output: run.output,
    error: run.error,
    node: null,
    usage: null,
  }
  const spans: Span[] = [flow]
  for (const name of run.order) {
    const { result, status } = run.nodes[name] ?? { result: null, status: 'running' as const }
    const start = secondsOf(result?.start_time)
    spans.push({
      id: `node ${name}`,
      name,
      depth: 1,
      kind: nodeKind(kinds.get(name)),
      isModelCall: false,
      status: result ? statusOf(result.status) : status,
      start: start === null ? null : start - from,
      duration: result?.duration ?? null,
      tokens: tokensOf(result?.system_metrics),
      inputs: result?.inputs,
      output: result?.output,
      error: result?.error ?? null,
      node: name,
      usage: result?.system_metrics ?? null,
    })
    addCalls(spans, result?.api_calls ?? [], name, from, 2)
  }
  addCalls(spans, run.calls, null, from, 1)
  return spans
}

function addCalls(spans: Span[], calls: readonly ApiCall[], node: string | null, from: number, depth: number): void {
  for (const [index, call] of calls.entries()) {
    // The tool itself is the node; what it called stands below.
    if (node !== null && depth === 2 && call.type === 'Tool' && call.children) {
      addCalls(spans, call.children, node, from, depth)
      continue
    }
    if (node !== null && depth === 2 && call.type === 'Tool') continue
    const start = secondsOf(call.start_time)
    const end = secondsOf(call.end_time)
    const usage = call.usage ?? usageIn(call.output) ?? call.system_metrics ?? null
    spans.push({
      id: `${node ?? ''} ${depth} ${spans.length} ${index}`,
      name: call.name ?? call.type ?? 'call',
      depth,
      kind: null,
      isModelCall: call.type === 'LLM',
      status: call.error ? 'failed' : 'completed',
      start: start === null ? null : start - from,
      duration: start !== null && end !== null ? end - start : null,
      tokens: tokensOf(usage),
      inputs: call.inputs,
      output: call.output,
      error: call.error ?? null,
      node,
      usage,
    })
    addCalls(spans, call.children ?? [], node, from, depth + 1)
  }
}

function usageIn(output: Json | undefined): Record<string, number> | null {
  if (typeof output !== 'object' || output === null || Array.isArray(output)) return null
  const { usage } = output
  return typeof usage === 'object' && usage !== null && !Array.isArray(usage) ? (usage as Record<string, number>) : null
}

export interface ChatMessage {
  role: string
  text: string
  images: Json[]
}

/** The messages a model was sent, and its answer; null where the span has none. */
export function messagesOf(span: Span): ChatMessage[] | null {
  const inputs = asMap(span.inputs)
  const list = inputs?.messages
  if (!Array.isArray(list)) return null
  const messages = list
    .map(asMap)
    .filter((each) => each !== null)
    .map((each) => ({ role: String(each.role), ...contentOf(each.content) }))
  const answer = answerText(span.output)
  return answer === null ? messages : [...messages, { role: 'assistant', text: answer, images: [] }]
}

function answerText(output: Json | undefined): string | null {
  if (typeof output === 'string') return output
  const choices = asMap(output)?.choices
  const first = Array.isArray(choices) ? asMap(choices[0]) : null
  const message = asMap(first?.message)
  if (message) return contentText(message.content)
  return typeof first?.text === 'string' ? first.text : null
}

/** The texts and the images of a message that may have both. */
function contentOf(content: Json | undefined): { text: string; images: Json[] } {
  if (!Array.isArray(content)) return { text: contentText(content), images: [] }
  const images = content.filter((part) => asMap(part)?.type === 'image_url')
  const texts = content.filter((part) => !images.includes(part)).map((part) => asMap(part)?.text ?? part)
  return { text: texts.map(contentText).join('\n'), images }
}

function contentText(content: Json | undefined): string {
  if (typeof content === 'string') return content
  return content === undefined || content === null ? '' : JSON.stringify(content, null, 2)
}

/** What else a model call was given. */
export function parametersOf(span: Span): [string, Json][] {
  return Object.entries(asMap(span.inputs) ?? {}).filter(([name]) => name !== 'messages' && name !== 'prompt')
}

function asMap(value: Json | undefined): { [key: string]: Json } | null {
  return typeof value === 'object' && value !== null && !Array.isArray(value) ? value : null
}
