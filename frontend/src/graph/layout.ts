import { layout as dagreLayout, Graph } from '@dagrejs/dagre'
import type { FlowGraph, GraphNode } from './flowGraph'

export interface Placed {
  x: number
  y: number
  width: number
  height: number
}

/** Where each node stands, from top to bottom, and how large the drawing is. */
export interface Layout {
  places: Map<string, Placed>
  width: number
  height: number
}

const nodeHeight = 32
const pillHeight = 28
const pillWidth = 92

/** Layers from the inputs down to the outputs; a cycle is drawn with one edge going up. */
export function layoutGraph(graph: FlowGraph): Layout {
  const drawing = new Graph({ multigraph: false })
  drawing.setGraph({ rankdir: 'TB', nodesep: 20, ranksep: 20, marginx: 12, marginy: 12 })
  drawing.setDefaultEdgeLabel(() => ({}))
  for (const node of graph.nodes) drawing.setNode(node.id, sizeOf(node))
  for (const edge of graph.edges) {
    if (edge.from !== edge.to) drawing.setEdge(edge.from, edge.to, {})
  }
  pinEnds(graph, drawing)
  dagreLayout(drawing)
  const places = new Map<string, Placed>()
  for (const node of graph.nodes) {
    const { x, y, width, height } = drawing.node(node.id) as Placed
    places.set(node.id, { x: Math.round(x - width / 2), y: Math.round(y - height / 2), width, height })
  }
  const size = drawing.graph() as { width?: number; height?: number }
  return { places, width: size.width ?? 0, height: size.height ?? 0 }
}

/** Inputs stay on top and outputs at the bottom, also when nothing leads from or to a node. */
function pinEnds(graph: FlowGraph, drawing: Graph): void {
  const fed = new Set(graph.edges.map((edge) => edge.to))
  const read = new Set(graph.edges.map((edge) => edge.from))
  for (const node of graph.nodes) {
    if (node.role !== 'node') continue
    if (!fed.has(node.id)) drawing.setEdge('inputs', node.id, { weight: 0 })
    if (!read.has(node.id)) drawing.setEdge(node.id, 'outputs', { weight: 0 })
  }
  if (graph.nodes.length === 2) drawing.setEdge('inputs', 'outputs', {})
}

function sizeOf(node: GraphNode): { width: number; height: number } {
  if (node.role !== 'node') return { width: pillWidth, height: pillHeight }
  // About 7 px a letter in 12 px Inter, beside the icon and the time.
  return { width: Math.min(240, Math.max(168, 96 + node.name.length * 7)), height: nodeHeight }
}
