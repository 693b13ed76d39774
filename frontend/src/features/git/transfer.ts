import { send } from '../../api/client'
import { ApiError, type Problem } from '../../api/errors'
import type { components } from '../../api/schema'
import { counted, formatCount } from '../../lib/format'
import { encodePath } from '../../lib/paths'
import { forgetGit } from './requests'

export type Transfer = 'fetch' | 'pull' | 'push'

export interface TransferStep {
  sentence: string
  done?: number
  /** Missing, or 0, where nobody knows. */
  total?: number
}

interface Options {
  signal: AbortSignal
  onStep: (step: TransferStep) => void
}

const doing = { fetch: 'Fetching', pull: 'Pulling', push: 'Pushing' } as const
const done = { fetch: 'Fetched.', pull: 'Pulled.', push: 'Pushed.' } as const

/** Fetches, pulls or pushes; tells how it went. Ending it by `signal` cancels it. */
export async function transfer(path: string, what: Transfer, options: Options): Promise<string> {
  const result = await progressOf(`/api/git/${what}/${encodePath(path)}`, {}, { ...options, word: doing[what] })
  const said = result.result
  return typeof said === 'string' && said.includes(' ')
    ? `${said.charAt(0).toUpperCase()}${said.slice(1)}.`
    : done[what]
}

/** Makes a folder of one's own of a repository elsewhere, with all its history; gives the folder's path. */
export async function cloneRepository(body: components['schemas']['GitClone'], options: Options): Promise<string> {
  const result = await progressOf('/api/git/clone', body, { ...options, word: 'Receiving' })
  return String(result.path)
}

type Answer = Record<string, unknown>

/** The answer of a request that tells how far it is, event by event. */
async function progressOf(path: string, body: object, options: Options & { word: string }): Promise<Answer> {
  options.onStep({ sentence: `${options.word}…` })
  const response = await send(path, {
    method: 'POST',
    body: JSON.stringify(body),
    headers: { 'Content-Type': 'application/json', Accept: 'text/event-stream' },
    signal: options.signal,
  })
  try {
    if (!response.headers.get('Content-Type')?.includes('event-stream')) return (await response.json()) as Answer
    for await (const { event, data } of eventsOf(response)) {
      if (event === 'progress') options.onStep(stepOf(options.word, data))
      if (event === 'failed') throw new ApiError(data as unknown as Problem)
      if (event === 'finished') return data
    }
  } finally {
    forgetGit()
  }
  throw new TypeError('The connection was lost.')
}

function stepOf(word: string, data: Answer): TransferStep {
  const { done: count, total } = data
  const isCounted = typeof count === 'number' && typeof total === 'number'
  return { sentence: sentenceOf(word, data), ...(isCounted ? { done: count, total } : {}) }
}

function sentenceOf(word: string, { phase, done: count, total }: Answer): string {
  if (phase === 'connecting' || typeof count !== 'number') return `${word}…`
  if (typeof total === 'number' && total > 0) return `${word} ${formatCount(count)} of ${counted(total, 'object')}`
  return `${word} ${counted(count, 'object')}`
}

async function* eventsOf(response: Response): AsyncGenerator<{ event: string; data: Answer }> {
  const reader = response.body?.pipeThrough(new TextDecoderStream()).getReader()
  let waiting = ''
  for (let piece = await reader?.read(); piece && !piece.done; piece = await reader?.read()) {
    waiting += piece.value
    const texts = waiting.split('\n\n')
    waiting = texts.pop() ?? ''
    for (const text of texts) {
      const event = /^event: (.*)$/m.exec(text)?.[1]
      const data = /^data: (.*)$/m.exec(text)?.[1]
      if (event && data) yield { event, data: JSON.parse(data) as Answer }
    }
  }
}
