import { type FlowGraph, type GraphEdge, type GraphNode, inputsId, outputsId } from './flowGraph'
import { layersOf } from './layers'

export interface Placed {
  x: number
  y: number
  width: number
  height: number
}

/** Where each node stands, from top to bottom, and how large the drawing is. */
export interface Layout {
  places: Map<string, Placed>
  /** Where an edge that passes other rows runs beside them; the others go straight. */
  lanes: Map<string, number>
  width: number
  height: number
}

const nodeHeight = 32
const pillHeight = 28
const pillWidth = 92
const margin = 12
const apart = 20
const laneWidth = 10

/** Layers from the inputs down to the outputs; a cycle is drawn with one edge going up. */
export function layoutGraph(graph: FlowGraph): Layout {
  const rows = rowsOf(graph)
  const places = new Map<string, Placed>()
  let y = margin
  for (const row of rows) {
    const sizes = row.map((node) => ({ node, ...sizeOf(node) }))
    const width = sizes.reduce((sum, size) => sum + size.width, (sizes.length - 1) * apart)
    let x = -width / 2
    for (const { node, width: own, height } of sizes) {
      places.set(node.id, { x: Math.round(x), y, width: own, height })
      x += own + apart
    }
    y += Math.max(...sizes.map((size) => size.height)) + apart
  }
  const lanes = lanesOf(graph, rows, places)
  const left = Math.min(...[...places.values()].map((place) => place.x), ...lanes.values()) - margin
  const right = Math.max(...[...places.values()].map((place) => place.x + place.width), ...lanes.values()) + margin
  for (const place of places.values()) place.x -= left
  for (const [id, lane] of lanes) lanes.set(id, lane - left)
  return { places, lanes, width: right - left, height: y - apart + margin }
}

/** Who stands in which row, with few crossings; inputs on top and outputs at the bottom. */
function rowsOf(graph: FlowGraph): GraphNode[][] {
  const node = new Map(graph.nodes.map((each) => [each.id, each]))
  const links = graph.edges.filter((edge) => edge.from !== edge.to)
  return layersOf([...node.keys()], links, inputsId, outputsId).map((row) =>
    row.map((id) => node.get(id)).filter((each) => each !== undefined),
  )
}

/** An edge over more than one row would run behind the nodes in between: it goes around them, on the nearer side. */
function lanesOf(graph: FlowGraph, rows: GraphNode[][], places: Map<string, Placed>): Map<string, number> {
  const rowOf = new Map(rows.flatMap((row, index) => row.map((node) => [node.id, index] as const)))
  const lanes = new Map<string, number>()
  const used = { left: 0, right: 0 }
  for (const edge of graph.edges) {
    const between = rows.slice((rowOf.get(edge.from) ?? 0) + 1, rowOf.get(edge.to) ?? 0).flat()
    const boxes = between.map((node) => places.get(node.id)).filter((place) => place !== undefined)
    if (boxes.length === 0) continue
    const left = Math.min(...boxes.map((box) => box.x))
    const right = Math.max(...boxes.map((box) => box.x + box.width))
    const middle = middleOf(edge, places)
    const side = middle - left <= right - middle ? 'left' : 'right'
    const offset = laneWidth * (1 + used[side])
    used[side] += 1
    lanes.set(edge.id, side === 'left' ? left - offset : right + offset)
  }
  return lanes
}

function middleOf(edge: GraphEdge, places: Map<string, Placed>): number {
  const ends = [places.get(edge.from), places.get(edge.to)].filter((place) => place !== undefined)
  return ends.reduce((sum, place) => sum + place.x + place.width / 2, 0) / Math.max(1, ends.length)
}

function sizeOf(node: GraphNode): { width: number; height: number } {
  if (node.role !== 'node') return { width: pillWidth, height: pillHeight }
  // About 7 px a letter in 12 px Inter, beside the icon and the time.
  return { width: Math.min(240, Math.max(156, 112 + node.name.length * 6.5)), height: nodeHeight }
}
