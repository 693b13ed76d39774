import { expect, test } from 'vitest'
import { givenValues, missingInputs } from './givenValues'

const ports = [
  { name: 'who', type: 'string', has_default: false },
  { name: 'count', type: 'int', has_default: false },
  { name: 'style', type: 'string', has_default: true },
  { name: 'options', type: 'object', has_default: true },
]

test('what is typed has its type and wins over the sample', () => {
  const typed = { count: '3', options: '{"a": 1}' }

  expect(givenValues(ports, typed, { who: 'world', count: 1 })).toEqual({ who: 'world', count: 3, options: { a: 1 } })
})

test('an empty field leaves the default, and a text may be empty', () => {
  expect(givenValues(ports, { who: '', count: '', style: '' }, {})).toEqual({ who: '' })
})

test('what nothing is known for is missing, unless it has a default', () => {
  expect(missingInputs(ports, {}, { who: 'world' })).toEqual(['count'])
})
