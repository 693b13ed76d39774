import { expect, test } from 'vitest'
import { layersOf } from './layers'

const links = (...pairs: string[]) =>
  pairs.map((pair) => {
    const [from = '', to = ''] = pair.split(' ')
    return { from, to }
  })

test('links go down, and both ends keep their rows', () => {
  const rows = layersOf(['in', 'c', 'b', 'a', 'alone', 'out'], links('a b', 'b c', 'in a', 'c out'), 'in', 'out')
  expect(rows[0]).toEqual(['in'])
  expect(rows.at(-1)).toEqual(['out'])
  const row = (id: string) => rows.findIndex((ids) => ids.includes(id))
  expect(row('a')).toBeLessThan(row('b'))
  expect(row('b')).toBeLessThan(row('c'))
  expect(row('alone')).toBeGreaterThan(0)
})

test('a link that leads back leaves the others going down', () => {
  expect(layersOf(['in', 'a', 'b', 'out'], links('in a', 'a b', 'b a', 'b out'), 'in', 'out')).toEqual([
    ['in'],
    ['a'],
    ['b'],
    ['out'],
  ])
})

test('a node without inputs stands above the one that reads it', () => {
  const rows = layersOf(
    ['in', 'a', 'b', 'constant', 'c', 'out'],
    links('in a', 'a b', 'b c', 'constant c', 'c out'),
    'in',
    'out',
  )
  expect(rows[2]).toEqual(['b', 'constant'])
})

test('nodes are sorted so that links do not cross', () => {
  const rows = layersOf(
    ['in', 'a', 'b', 'x', 'y', 'out'],
    links('in a', 'in b', 'a y', 'b x', 'x out', 'y out'),
    'in',
    'out',
  )
  expect(rows.slice(1, 3)).toEqual([
    ['a', 'b'],
    ['y', 'x'],
  ])
})
