import type { Status } from '../../../components/Status'
import type { Json } from '../../../yaml/scalars'

export interface RunError {
  message: string
  type?: string | null
  code?: string | null
  file?: string | null
  line?: number | null
  traceback?: string | null
  node?: string | null
}

/** Part of what a node did: a model call, a function that is traced. */
export interface ApiCall {
  name?: string
  type?: string
  inputs?: Json
  output?: Json
  start_time?: number | string
  end_time?: number | string
  error?: { message?: string; type?: string } | null
  usage?: Record<string, number> | null
  children?: ApiCall[] | null
  system_metrics?: Record<string, number> | null
}

/** What the studio says of one execution of one node. */
export interface NodeResult {
  node: string
  status: string
  inputs?: Json
  output?: Json
  error?: RunError | null
  start_time?: string | null
  end_time?: string | null
  duration?: number | null
  logs?: { stdout?: string; stderr?: string } | null
  api_calls?: ApiCall[]
  system_metrics?: Record<string, number>
}

export interface FlowResult {
  status: string
  output?: Json
  node_runs?: NodeResult[]
  /** Of a flow without nodes. */
  api_calls?: ApiCall[]
  metrics?: Record<string, number>
  error?: RunError | null
  duration?: number | null
  system_metrics?: Record<string, number>
}

export interface NodeState {
  status: Status
  result: NodeResult | null
  /** What a model has said so far. */
  streamed: string
}

export interface LogLine {
  level: string
  message: string
  node: string | null
  at: number
}

/** One test run of this page: of the flow, or of one node. */
export interface RunRecord {
  id: number
  /** The node when only one ran. */
  node: string | null
  variant: string | null
  startedAt: number
  status: Extract<Status, 'running' | 'completed' | 'failed' | 'canceled'>
  inputs: Record<string, Json>
  output: Json
  nodes: Record<string, NodeState>
  /** Nodes in the order in which they began. */
  order: string[]
  /** What a flow without nodes did, and has said so far. */
  calls: ApiCall[]
  streamed: string
  logs: LogLine[]
  metrics: Record<string, number>
  error: RunError | null
  /** Seconds. */
  duration: number | null
  tokens: number
}

const statuses: Record<string, Status> = {
  Completed: 'completed',
  Failed: 'failed',
  Bypassed: 'bypassed',
  Canceled: 'canceled',
  Running: 'running',
  NotStarted: 'waiting',
}

export const statusOf = (word: string): Status => statuses[word] ?? 'completed'

export function tokensOf(metrics: Record<string, number> | undefined | null): number {
  return metrics?.total_tokens ?? (metrics?.prompt_tokens ?? 0) + (metrics?.completion_tokens ?? 0)
}

/** Seconds since the epoch of what the studio writes as a number or as ISO text. */
export function secondsOf(time: number | string | null | undefined): number | null {
  if (typeof time === 'number') return time
  if (!time) return null
  const zoned = /(Z|[+-]\d\d:?\d\d)$/.test(time) ? time : `${time}Z`
  const milliseconds = Date.parse(zoned)
  return Number.isNaN(milliseconds) ? null : milliseconds / 1000
}

/** What went wrong itself, without the words that only say where: the page shows the place. */
export function plainError({ type, message }: { type?: string | null; message?: string }): {
  type: string
  message: string
} {
  const [, cause, text] = /^Execution failure in '[^']*': \((\w+)\) ([\s\S]*)$/.exec(message ?? '') ?? []
  return cause && text ? { type: cause, message: text } : { type: type ?? '', message: message ?? '' }
}

/** What has come of an answer that comes piece by piece: of the flow, or of the node that answers for it. */
export function saidSoFar({ streamed, nodes, order }: RunRecord, node?: string): string {
  if (streamed !== '') return streamed
  const names = node === undefined ? [...order].reverse() : [node]
  for (const name of names) {
    const state = nodes[name]
    if (state?.streamed) return state.streamed
    const isBroken = state?.status === 'failed' && typeof state.result?.output === 'string'
    if (isBroken) return String(state.result?.output)
  }
  return ''
}
