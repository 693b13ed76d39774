import type { Flow } from '../api/flows'
import { nodeKind } from '../components/Kind'
import type { MiniNode } from './miniLayout'

export interface FlowPicture {
  nodes: MiniNode[]
  edges: [string, string][]
}

const reference = /\$\{\s*([A-Za-z_][\w-]*)[^}]*\}/g
const start = 'inputs of the flow'
const end = 'outputs of the flow'

/** The shape of a flow for its picture: its nodes between its inputs and its outputs. */
export function flowPicture(flow: Flow): FlowPicture {
  const names = new Set(flow.nodes.map((node) => node.name))
  const nodes: MiniNode[] = [
    { name: start, kind: 'io' },
    ...flow.nodes.map((node) => ({ name: node.name, kind: nodeKind(node.type) })),
    { name: end, kind: 'io' },
  ]
  const edges: [string, string][] = []
  const link = (value: unknown, target: string) => {
    for (const source of sourcesOf(value, names)) edges.push([source, target])
  }
  for (const node of flow.nodes) link([node.inputs, node.activate?.when], node.name)
  for (const output of flow.outputs) link(output.reference, end)
  const unique = new Map(edges.map((edge) => [edge.join('\n'), edge]))
  return { nodes, edges: [...unique.values()] }
}

function sourcesOf(value: unknown, names: ReadonlySet<string>): string[] {
  if (typeof value === 'string') {
    return [...value.matchAll(reference)].flatMap((match) => {
      const name = match[1] ?? ''
      if (name === 'inputs' || name === 'flow') return [start]
      return names.has(name) ? [name] : []
    })
  }
  if (Array.isArray(value)) return value.flatMap((each) => sourcesOf(each, names))
  if (typeof value === 'object' && value !== null) return sourcesOf(Object.values(value), names)
  return []
}
