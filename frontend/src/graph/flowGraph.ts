import type { FlowModel, FlowNode } from '../yaml/flow'
import { parseReference } from '../yaml/references'

export interface GraphNode {
  id: string
  /** Inputs and outputs of the flow are the two ends of the graph. */
  role: 'inputs' | 'outputs' | 'node'
  name: string
  /** `type` of the node in the flow file. */
  type: string
  hasVariants: boolean
  isAggregation: boolean
  isConditional: boolean
}

export interface GraphEdge {
  id: string
  from: string
  to: string
  /** From the value that decides whether the node runs. */
  isCondition: boolean
}

export interface FlowGraph {
  nodes: GraphNode[]
  edges: GraphEdge[]
}

export const inputsId = 'inputs'
export const outputsId = 'outputs'
export const nodeId = (name: string): string => `node:${name}`

/** The nodes of a flow and what flows between them. References to nothing draw no edge. */
export function flowGraph(model: FlowModel): FlowGraph {
  const names = new Set(model.nodes.map((node) => node.name))
  const edges = new Map<string, GraphEdge>()
  const connect = (value: unknown, to: string, isCondition: boolean) => {
    const reference = parseReference(value as never)
    if (!reference) return
    if (reference.kind === 'node' && !names.has(reference.name)) return
    const from = reference.kind === 'input' ? inputsId : nodeId(reference.name)
    const id = `${from} ${to}`
    const known = edges.get(id)
    edges.set(id, { id, from, to, isCondition: isCondition && (known?.isCondition ?? true) })
  }
  for (const node of model.nodes) {
    for (const input of node.body.inputs) connect(input.value, nodeId(node.name), false)
    if (node.body.activate) connect(node.body.activate.when, nodeId(node.name), true)
  }
  for (const output of model.outputs) connect(output.reference, outputsId, false)
  return { nodes: [end('inputs'), ...distinct(model.nodes).map(graphNode), end('outputs')], edges: [...edges.values()] }
}

function end(role: 'inputs' | 'outputs'): GraphNode {
  return { id: role, role, name: role, type: 'io', hasVariants: false, isAggregation: false, isConditional: false }
}

function graphNode(node: FlowNode): GraphNode {
  return {
    id: nodeId(node.name),
    role: 'node',
    name: node.name,
    type: node.body.type,
    hasVariants: node.variants.length > 1,
    isAggregation: node.body.isAggregation,
    isConditional: node.body.activate !== null,
  }
}

function distinct(nodes: readonly FlowNode[]): FlowNode[] {
  const seen = new Set<string>()
  return nodes.filter((node) => !seen.has(node.name) && seen.add(node.name))
}

/** The nodes that depend on `name`, directly or not. They cannot feed it without a cycle. */
export function dependents(graph: FlowGraph, id: string): Set<string> {
  const found = new Set<string>()
  const queue = [id]
  for (let current = queue.pop(); current !== undefined; current = queue.pop()) {
    for (const edge of graph.edges) {
      if (edge.from === current && !found.has(edge.to)) {
        found.add(edge.to)
        queue.push(edge.to)
      }
    }
  }
  return found
}
