import { expect, test } from 'vitest'
import type { RunRecord } from '../run/types'
import { messagesOf, spansOf } from './spans'

const run: RunRecord = {
  id: 1,
  node: null,
  variant: null,
  startedAt: Date.parse('2026-01-01T00:00:00Z'),
  status: 'completed',
  inputs: {},
  output: {},
  nodes: {
    ask: {
      status: 'completed',
      streamed: '',
      result: {
        node: 'ask',
        status: 'Completed',
        start_time: '2026-01-01T00:00:01Z',
        duration: 2,
        system_metrics: { total_tokens: 12 },
        api_calls: [
          {
            name: 'chat',
            type: 'LLM',
            start_time: Date.parse('2026-01-01T00:00:01.5Z') / 1000,
            end_time: Date.parse('2026-01-01T00:00:02Z') / 1000,
            inputs: { model: 'demo', messages: [{ role: 'user', content: 'Hi' }] },
            output: { choices: [{ message: { role: 'assistant', content: 'Hello' } }], usage: { total_tokens: 12 } },
          },
        ],
      },
    },
  },
  order: ['ask'],
  calls: [],
  streamed: '',
  logs: [],
  metrics: {},
  error: null,
  duration: 3,
  tokens: 12,
}

test('spans are the flow, its nodes and their calls, placed in time', () => {
  const spans = spansOf(run, 'flow', new Map([['ask', 'llm']]))

  expect(spans.map(({ name, depth, start, duration, tokens }) => [name, depth, start, duration, tokens])).toEqual([
    ['flow', 0, 0, 3, 12],
    ['ask', 1, 0, 2, 12],
    ['chat', 2, 0.5, 0.5, 12],
  ])
})

test('a model call is read as messages with the answer last', () => {
  const call = spansOf(run, 'flow', new Map()).at(-1)

  expect(call && messagesOf(call)).toEqual([
    { role: 'user', text: 'Hi', images: [] },
    { role: 'assistant', text: 'Hello', images: [] },
  ])
})

test('a flow without nodes shows its calls below itself', () => {
  const model = { name: 'chat', type: 'LLM', start_time: 101, end_time: 102, inputs: { messages: [] }, children: [] }
  const calls = [{ name: 'Chat.__call__', type: 'Flow', start_time: 100, end_time: 103, children: [model] }]

  const spans = spansOf({ ...run, nodes: {}, order: [], calls }, 'flow', new Map())

  expect(spans.map(({ name, depth, start, node }) => [name, depth, start, node])).toEqual([
    ['flow', 0, 0, null],
    ['Chat.__call__', 1, 0, null],
    ['chat', 2, 1, null],
  ])
})

test('images of a message stand beside its texts', () => {
  const image = { type: 'image_url', image_url: { url: 'data:image/png;base64,iVBO' } }
  const content = [{ type: 'text', text: 'What is it?' }, image]
  const calls = [{ name: 'chat', type: 'LLM', inputs: { messages: [{ role: 'user', content }] } }]

  const call = spansOf({ ...run, nodes: {}, order: [], calls }, 'flow', new Map()).at(-1)

  expect(call && messagesOf(call)).toEqual([{ role: 'user', text: 'What is it?', images: [image] }])
})
