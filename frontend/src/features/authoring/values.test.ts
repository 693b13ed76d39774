import { expect, test } from 'vitest'
import { parseFlowDocument } from '../../yaml/flow'
import { followProperty, inputsForNode } from './run/nodeInputs'
import { mayHoldImage, previewOf, shownValue, typedValue, typeProblem } from './values'

test('what is typed becomes a value of its type', () => {
  expect(typedValue('8000', 'int')).toBe(8000)
  expect(typedValue('8000', 'string')).toBe('8000')
  expect(typedValue('True', 'bool')).toBe(true)
  expect(typedValue('["a"]', 'list')).toEqual(['a'])
  expect(typedValue('many', 'int')).toBe('many')
})

test('without a type the kind of the value before stays', () => {
  expect(typedValue('3', '', 2)).toBe(3)
  expect(typedValue('3', '', 'two')).toBe('3')
})

test('a reference is text whatever the type', () => {
  const reference = '$' + '{a.output}'
  expect(typedValue(reference, 'int')).toBe(reference)
  expect(typeProblem(reference, 'int')).toBeNull()
})

test('a property path leads into maps and lists', () => {
  expect(followProperty({ a: [{ 'b c': 1 }] }, ".a[0]['b c']")).toBe(1)
  expect(followProperty('text', '.a')).toBeUndefined()
})

test('a node run alone gets what the nodes before it produced, and says what is missing', () => {
  const text = [
    'inputs:',
    '  url: {type: string, default: here}',
    'nodes:',
    '- {name: a, type: python, source: {type: code, path: a.py}, inputs: {}}',
    '- name: b',
    '  type: python',
    '  inputs:',
    '    u: $' + '{inputs.url}',
    '    x: $' + '{a.output.k}',
    '    y: $' + '{c.output}',
  ].join('\n')
  const { model } = parseFlowDocument(text)
  const body = model?.nodes[1]?.body
  if (!model || !body) throw new Error('The flow could not be read.')
  const done = {
    status: 'completed' as const,
    streamed: '',
    result: { node: 'a', status: 'Completed', output: { k: 5 } },
  }

  expect(inputsForNode(model, body, { a: done }, 'b')).toEqual({ given: { u: 'here', x: 5 }, missing: ['y'] })
})

test('the bytes of an image are not shown as text', () => {
  const image = { 'data:image/png;base64': 'iVBO'.repeat(1000) }

  expect(shownValue({ image }).length).toBeLessThan(200)
  expect(previewOf(['look', image])).toBe('["look",[image/png]]')
  expect([mayHoldImage([image]), mayHoldImage({ a: 1 }), mayHoldImage('data:image/png')]).toEqual([true, false, false])
})
