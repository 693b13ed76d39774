import { afterEach, beforeEach, expect, it, vi } from 'vitest'
import { EventStream } from './eventStream'
import type { PresenceEvent, SignedOutEvent, StudioEvent } from './eventTypes'

class Source extends EventTarget {
  static all: Source[] = []
  closed = false
  onerror: (() => void) | null = null

  constructor() {
    super()
    Source.all.push(this)
  }

  tell(type: string, data: unknown) {
    this.dispatchEvent(new MessageEvent(type, { data: JSON.stringify(data) }))
  }

  close() {
    this.closed = true
  }
}

const answers = vi.fn((_url: string, _init: RequestInit) => Promise.resolve(new Response(null, { status: 204 })))

beforeEach(() => {
  vi.useFakeTimers()
  Source.all = []
  answers.mockClear()
  vi.stubGlobal('EventSource', Source)
  vi.stubGlobal('fetch', answers)
})

afterEach(() => {
  vi.useRealTimers()
  vi.unstubAllGlobals()
})

function page(stream: EventStream, ...folders: string[]) {
  const heard: (StudioEvent | PresenceEvent | SignedOutEvent)[] = []
  const listener = { receive: (event: StudioEvent | PresenceEvent | SignedOutEvent) => heard.push(event) }
  stream.handle(listener, { type: 'watch', base: 'http://studio', csrfToken: 't', folders, open: folders })
  return { heard, leave: () => stream.handle(listener, { type: 'bye' }) }
}

const watchedAtLast = () => JSON.parse(String(answers.mock.lastCall?.[1].body)).watch

it('opens one connection for all pages and watches what any of them asks for', async () => {
  const stream = new EventStream()
  const one = page(stream, 'a')
  page(stream, 'a', 'b')
  Source.all[0]?.tell('hello', { stream: 's' })
  await vi.runOnlyPendingTimersAsync()
  expect(Source.all).toHaveLength(1)
  expect(watchedAtLast()).toEqual(['a', 'b'])

  one.heard.length = 0
  Source.all[0]?.tell('files', { folder: 'b', changes: [] })
  expect(one.heard).toEqual([])
})

it('has a folder read again once the studio tells of it: what was read before may be old', async () => {
  const stream = new EventStream()
  const one = page(stream, 'a')
  Source.all[0]?.tell('hello', { stream: 's' })
  await vi.advanceTimersByTimeAsync(0)
  expect(one.heard).toEqual([{ type: 'rescan', folder: 'a' }])

  const other = page(stream, 'a', 'b')
  await vi.advanceTimersByTimeAsync(0)
  expect(one.heard).toHaveLength(1)
  expect(other.heard).toEqual([{ type: 'rescan', folder: 'b' }])
})

it('has every folder read again after a gap', async () => {
  const stream = new EventStream()
  const one = page(stream, 'a')
  Source.all[0]?.tell('hello', { stream: 's' })
  await vi.advanceTimersByTimeAsync(0)
  one.heard.length = 0
  Source.all[0]?.onerror?.()
  await vi.advanceTimersByTimeAsync(600)
  Source.all[1]?.tell('hello', { stream: 's2' })
  await vi.advanceTimersByTimeAsync(0)

  expect(Source.all[0]?.closed).toBe(true)
  expect(one.heard).toEqual([{ type: 'rescan', folder: 'a' }])
})

it('closes when the last page has left', () => {
  const stream = new EventStream()
  page(stream, 'a').leave()
  expect(Source.all[0]?.closed).toBe(true)
})

it('says who has open what a page has open, at once to pages that come later, and nobody after a gap', async () => {
  const stream = new EventStream()
  const one = page(stream, 'a')
  const other = page(stream, 'b')
  Source.all[0]?.tell('hello', { stream: 's' })
  await vi.advanceTimersByTimeAsync(0)
  for (const { heard } of [one, other]) heard.length = 0
  const told = { type: 'presence', path: 'a/file', users: ['bob'] }
  Source.all[0]?.tell('presence', { path: 'a/file', users: ['bob'] })

  expect(JSON.parse(String(answers.mock.lastCall?.[1].body)).open).toEqual(['a', 'b'])
  expect([one.heard, other.heard, page(stream, 'a').heard]).toEqual([[told], [], [told]])

  Source.all[0]?.onerror?.()
  await vi.advanceTimersByTimeAsync(600)
  Source.all[1]?.tell('hello', { stream: 's2' })
  expect(one.heard.at(-1)).toEqual({ ...told, users: [] })
})

it('sends its lists one after the other, so that the last one counts', async () => {
  const stream = new EventStream()
  page(stream, 'a')
  Source.all[0]?.tell('hello', { stream: 's' })
  let answer = () => undefined as unknown
  answers.mockImplementationOnce(
    () => new Promise((resolve) => (answer = () => resolve(new Response(null, { status: 204 })))),
  )
  await vi.advanceTimersByTimeAsync(0)
  page(stream, 'b')
  page(stream, 'c')
  await vi.advanceTimersByTimeAsync(0)
  expect(answers).toHaveBeenCalledTimes(1)

  answer()
  await vi.advanceTimersByTimeAsync(0)
  expect(answers).toHaveBeenCalledTimes(2)
  expect(watchedAtLast()).toEqual(['a', 'b', 'c'])
})

it('tells every page when the session has ended, and nothing while the studio is only away', async () => {
  const stream = new EventStream()
  const pages = [page(stream, 'a'), page(stream, 'b')]
  answers.mockRejectedValueOnce(new TypeError('away'))
  Source.all[0]?.onerror?.()
  await vi.advanceTimersByTimeAsync(600)
  expect(pages.map(({ heard }) => heard)).toEqual([[], []])

  answers.mockResolvedValueOnce(new Response(null, { status: 401 }))
  Source.all[1]?.onerror?.()
  await vi.advanceTimersByTimeAsync(1)
  expect(pages.map(({ heard }) => heard)).toEqual([[{ type: 'signed out' }], [{ type: 'signed out' }]])
})
