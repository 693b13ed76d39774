import { expect, it } from 'vitest'
import { matches } from './match'

it('finds every word anywhere, whatever the case and accents', () => {
  expect(matches('FLOW tést', 'my test-flow')).toBe(true)
  expect(matches('flow other', 'my test-flow')).toBe(false)
  expect(matches('', 'anything')).toBe(true)
})
