import { expect, it } from 'vitest'
import { miniLayout } from './miniLayout'

const nodes = (...names: string[]) => names.map((name) => ({ name, kind: 'python' }))

it('places every node after all that feed it', () => {
  const layout = miniLayout(nodes('in', 'a', 'b', 'c'), [
    ['in', 'a'],
    ['a', 'b'],
    ['in', 'c'],
    ['b', 'c'],
  ])
  expect(Object.fromEntries(layout.nodes.map((node) => [node.name, node.column]))).toEqual({ in: 0, a: 1, b: 2, c: 3 })
})

it('centers the nodes of a column', () => {
  const layout = miniLayout(nodes('in', 'a', 'b'), [
    ['in', 'a'],
    ['in', 'b'],
  ])
  expect(layout.nodes.filter((node) => node.column === 1).map((node) => node.row)).toEqual([-0.5, 0.5])
})

it('ends on a cycle and leaves out edges to nothing', () => {
  const layout = miniLayout(nodes('a', 'b'), [
    ['a', 'b'],
    ['b', 'a'],
    ['a', 'gone'],
    ['a', 'a'],
  ])
  expect(layout.nodes).toHaveLength(2)
  expect(layout.edges).toHaveLength(2)
})
