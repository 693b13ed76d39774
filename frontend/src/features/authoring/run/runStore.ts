import { createStore, type StoreApi } from 'zustand/vanilla'
import { send } from '../../../api/client'
import { type Consent, consentAsked } from '../../../api/consent'
import { errorText } from '../../../api/errors'
import { encodePath } from '../../../lib/paths'
import type { Json } from '../../../yaml/scalars'
import { readEvents } from './stream'
import {
  type FlowResult,
  type LogLine,
  type NodeResult,
  type NodeState,
  type RunRecord,
  statusOf,
  tokensOf,
} from './types'

export interface RunView {
  /** Latest first. */
  runs: RunRecord[]
  /** The run that the drawer shows. */
  shown: number | null
  /** What each node did last, in whichever run. */
  nodes: Record<string, NodeState>
  isRunning: boolean
  /** A run that waits for the person to lend their own connections to it. */
  asked: { consent: Consent; request: RunRequest } | null
}

export interface RunRequest {
  /** The nodes that are going to run. */
  expected: string[]
  /** What the inputs are, for the record; those given are sent. */
  inputs: Record<string, Json>
  given: Record<string, Json>
  /** For the constructor of a flex flow's class. */
  init?: Record<string, Json> | undefined
  node?: string | undefined
  variant?: string | undefined
}

const keptRuns = 20
const waiting: NodeState = { status: 'waiting', result: null, streamed: '' }
const stopsWithin = 1800

let lastId = 0

/** The test runs of one flow since the page was opened. */
export class RunStore {
  readonly view: StoreApi<RunView> = createStore<RunView>(() => ({
    runs: [],
    shown: null,
    nodes: {},
    isRunning: false,
    asked: null,
  }))
  private readonly path: string
  private abort: AbortController | null = null

  constructor(path: string) {
    this.path = path
  }

  latest(): RunRecord | undefined {
    return this.view.getState().runs[0]
  }

  show(id: number): void {
    this.view.setState({ shown: id })
  }

  /** Run and follow it to its end; the finished record. */
  async run(request: RunRequest): Promise<RunRecord | undefined> {
    if (this.abort) return undefined
    const abort = new AbortController()
    this.abort = abort
    this.begin(request)
    try {
      const body = {
        inputs: request.given,
        ...(request.node ? { node: request.node } : {}),
        ...(request.variant ? { variant: request.variant } : {}),
        ...(request.init ? { init: request.init } : {}),
      }
      const response = await send(`/api/test/${encodePath(this.path)}`, {
        method: 'POST',
        headers: { Accept: 'text/event-stream', 'Content-Type': 'application/json' },
        body: JSON.stringify(body),
        signal: abort.signal,
      })
      if (response.body) await this.follow(response.body)
      if (this.latest()?.status === 'running') {
        this.fail('The connection to the studio ended while the flow ran. What it did so far is shown.')
      }
    } catch (error) {
      if (abort.signal.aborted) this.end({ status: 'canceled' })
      else this.fail(errorText(error))
      const consent = consentAsked(error)
      if (consent) this.view.setState({ asked: { consent, request } })
    } finally {
      this.abort = null
      this.view.setState({ isRunning: false })
    }
    return this.latest()
  }

  /** Stop what runs; within two seconds in any case. */
  async stop(): Promise<void> {
    const { abort } = this
    if (!abort) return
    const timer = setTimeout(() => abort.abort(), stopsWithin)
    try {
      await send(`/api/test/${encodePath(this.path)}`, { method: 'DELETE' })
    } catch {
      abort.abort()
    } finally {
      abort.signal.addEventListener('abort', () => clearTimeout(timer))
    }
  }

  private begin(request: RunRequest): void {
    lastId += 1
    const nodes = Object.fromEntries(request.expected.map((name) => [name, waiting]))
    const record: RunRecord = {
      id: lastId,
      node: request.node ?? null,
      variant: request.variant ?? null,
      startedAt: Date.now(),
      status: 'running',
      inputs: request.inputs,
      output: null,
      nodes,
      order: [],
      calls: [],
      streamed: '',
      logs: [],
      metrics: {},
      error: null,
      duration: null,
      tokens: 0,
    }
    this.view.setState((view) => ({
      runs: [record, ...view.runs].slice(0, keptRuns),
      shown: record.id,
      nodes: { ...view.nodes, ...nodes },
      isRunning: true,
    }))
  }

  private async follow(body: ReadableStream<Uint8Array>): Promise<void> {
    for await (const { name, data } of readEvents(body)) {
      const event = JSON.parse(data) as Record<string, unknown>
      if (name === 'node_started') this.setNode(String(event.node), { ...waiting, status: 'running' })
      else if (name === 'node_finished') this.finishNode(event.run as NodeResult)
      else if (name === 'log') this.log(event)
      else if (name === 'chunk') this.stream(String(event.node), String(event.text))
      else if (name === 'finished') this.finish(event.result as FlowResult)
    }
  }

  private patch(change: (record: RunRecord) => Partial<RunRecord>): void {
    this.view.setState(({ runs: [record, ...others] }) => {
      return record ? { runs: [{ ...record, ...change(record) }, ...others] } : {}
    })
  }

  private setNode(name: string, state: NodeState): void {
    this.patch(({ nodes, order }) => ({
      nodes: { ...nodes, [name]: state },
      order: order.includes(name) ? order : [...order, name],
    }))
    this.view.setState(({ nodes }) => ({ nodes: { ...nodes, [name]: state } }))
  }

  private finishNode(result: NodeResult): void {
    this.setNode(result.node, { status: statusOf(result.status), result, streamed: '' })
  }

  private stream(name: string, text: string): void {
    const known = this.latest()?.nodes[name]
    if (known) this.setNode(name, { ...known, streamed: known.streamed + text })
    else this.patch(({ streamed }) => ({ streamed: streamed + text }))
  }

  private log(event: Record<string, unknown>): void {
    const line: LogLine = {
      level: String(event.level ?? 'info'),
      message: String(event.message ?? ''),
      node: typeof event.node === 'string' ? event.node : null,
      at: Date.now(),
    }
    this.patch(({ logs }) => ({ logs: [...logs, line] }))
  }

  private finish(result: FlowResult): void {
    for (const run of result.node_runs ?? []) this.finishNode(run)
    const isCompleted = result.status === 'Completed'
    const isCanceled = result.status === 'Canceled'
    this.end({
      status: isCompleted ? 'completed' : isCanceled ? 'canceled' : 'failed',
      output: result.output ?? null,
      calls: result.api_calls ?? [],
      metrics: result.metrics ?? {},
      error: result.error ?? null,
      ...(typeof result.duration === 'number' ? { duration: result.duration } : {}),
      tokens: tokensOf(result.system_metrics),
    })
  }

  private fail(message: string): void {
    this.end({ status: 'failed', error: { message } })
  }

  /** Nodes that were under way, or waited, did not come to an end. */
  private end(change: Partial<RunRecord>): void {
    const settle = (nodes: Record<string, NodeState>, failedNode: string | null) =>
      Object.fromEntries(
        Object.entries(nodes).map(([name, state]): [string, NodeState] => {
          if (name === failedNode && state.status !== 'completed') return [name, { ...state, status: 'failed' }]
          if (state.status === 'running') return [name, { ...state, status: 'canceled' }]
          return [name, state.status === 'waiting' ? { ...state, status: 'not-run' } : state]
        }),
      )
    const failedNode = change.error?.node ?? null
    this.patch((record) => ({
      duration: (Date.now() - record.startedAt) / 1000,
      ...change,
      nodes: settle(record.nodes, failedNode),
    }))
    this.view.setState(({ nodes }) => ({ nodes: settle(nodes, failedNode) }))
  }
}

const stores = new Map<string, RunStore>()

/** The runs of a flow outlive a visit to another page. */
export function runStoreOf(path: string): RunStore {
  const known = stores.get(path)
  if (known) return known
  const store = new RunStore(path)
  stores.set(path, store)
  return store
}
