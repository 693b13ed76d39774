import { expect, test } from 'vitest'
import { parseFlowDocument } from '../yaml/flow'
import { dependents, flowGraph, nodeId } from './flowGraph'
import { layoutGraph } from './layout'

function graphOf(text: string) {
  const { model } = parseFlowDocument(text)
  if (!model) throw new Error('The sample is not a flow.')
  return flowGraph(model)
}

const chain = `
inputs: {q: {type: string}}
outputs: {a: {type: string, reference: "\${b.output.text}"}}
nodes:
- {name: a, type: python, inputs: {q: "\${inputs.q}", lost: "\${nowhere.output}"}}
- {name: b, type: llm, inputs: {text: "\${a.output}"}, activate: {when: "\${inputs.q}", is: x}}
- {name: lonely, type: prompt}
`

test('references become edges, references to nothing do not', () => {
  expect(graphOf(chain).edges.map(({ id, isCondition }) => [id, isCondition])).toEqual([
    ['inputs node:a', false],
    ['node:a node:b', false],
    ['inputs node:b', true],
    ['node:b outputs', false],
  ])
})

test('the layout goes down from the inputs to the outputs', () => {
  const { places } = layoutGraph(graphOf(chain))
  const y = (id: string) => places.get(id)?.y ?? Number.NaN
  expect(y('inputs')).toBeLessThan(y('node:a'))
  expect(y('node:a')).toBeLessThan(y('node:b'))
  expect(y('node:b')).toBeLessThan(y('outputs'))
  expect(y('node:lonely')).toBeGreaterThan(y('inputs'))
})

test('a cycle is laid out, and a node that feeds itself too', () => {
  const graph = graphOf(`
nodes:
- {name: a, type: python, inputs: {x: "\${b.output}"}}
- {name: b, type: python, inputs: {x: "\${a.output}"}}
- {name: c, type: python, inputs: {x: "\${c.output}"}}
`)
  expect(layoutGraph(graph).places.size).toBe(5)
  expect(dependents(graph, nodeId('a'))).toEqual(new Set([nodeId('a'), nodeId('b')]))
})

test('two nodes of one name are drawn once', () => {
  expect(graphOf('nodes:\n- {name: a, type: python}\n- {name: a, type: llm}\n').nodes).toHaveLength(3)
})

test('a flow of a hundred nodes is laid out within a second', () => {
  const nodes = Array.from(
    { length: 100 },
    (_, i) => `- {name: n${i}, type: python, inputs: {x: "\${n${i - 1}.output}", y: "\${n${i - 7}.output}"}}`,
  )
  const started = performance.now()
  layoutGraph(graphOf(`nodes:\n${nodes.join('\n')}\n`))
  expect(performance.now() - started).toBeLessThan(1000)
})
