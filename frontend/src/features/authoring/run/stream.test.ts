import { expect, test } from 'vitest'
import { parseEvent, readEvents } from './stream'

test('an event has a name and its data', () => {
  expect(parseEvent('event: log\ndata: {"a":1}')).toEqual({ name: 'log', data: '{"a":1}' })
})

test('a comment that keeps the stream alive is no event', () => {
  expect(parseEvent(': alive')).toBeNull()
})

test('events that arrive in pieces come out whole', async () => {
  const bytes = new TextEncoder().encode('event: a\ndata: "é"\n\n: alive\n\nevent: b\ndata: 2\n\n')
  const body = new ReadableStream<Uint8Array>({
    start(controller) {
      for (const byte of bytes) controller.enqueue(Uint8Array.of(byte))
      controller.close()
    },
  })
  const events = []
  for await (const event of readEvents(body)) events.push(event)

  expect(events).toEqual([
    { name: 'a', data: '"é"' },
    { name: 'b', data: '2' },
  ])
})
