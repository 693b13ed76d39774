import fc from 'fast-check'
import { expect, it } from 'vitest'
import { sortedBy } from './naturalOrder'

const inOrder = (names: string[], descending = false) => sortedBy(names, (name) => name, descending)

it('counts numbers in names as numbers', () => {
  expect(inOrder(['file 10', 'file 9', 'file 010', 'file 1'])).toEqual(['file 1', 'file 9', 'file 10', 'file 010'])
})

it('sees neither case nor accents', () => {
  expect(inOrder(['b', 'Ä', 'a', 'B', 'z', 'é'])).toEqual(['Ä', 'a', 'b', 'B', 'é', 'z'])
})

it('orders numbers as numbers and turns around', () => {
  expect(sortedBy([10, 9, 100], (value) => value, true)).toEqual([100, 10, 9])
})

it('keeps every item, and equal ones in their order', () => {
  fc.assert(
    fc.property(fc.array(fc.string()), (names) => {
      expect([...inOrder(names)].sort()).toEqual([...names].sort())
      expect(inOrder(inOrder(names))).toEqual(inOrder(names))
    }),
  )
})
