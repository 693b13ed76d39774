import { useMemo } from 'react'
import { type FlowGraph, flowGraph } from '../../../graph/flowGraph'
import { type Layout, layoutGraph, type Placed } from '../../../graph/layout'
import { useFlowInfo, useModel } from '../state/context'

const rise = 18

/** The flow as a graph, where the layout puts it, and which nodes have problems. Places change only with its shape. */
export function useDrawing() {
  const model = useModel()
  const graph = useMemo(() => flowGraph(model), [model])
  const shape = shapeOf(graph)
  // biome-ignore lint/correctness/useExhaustiveDependencies: the layout depends on nothing but the shape.
  const layout = useMemo(() => layoutGraph(graph), [shape])
  return { graph, layout, shape, bad: useBadNodes() }
}

function useBadNodes(): ReadonlySet<string> {
  const model = useModel()
  const info = useFlowInfo()
  return useMemo(() => {
    const lines = (info?.problems ?? []).filter((each) => each.severity === 'error' && each.file === info?.file)
    return new Set(
      model.nodes
        .filter((node, index) => {
          const end = model.nodes[index + 1]?.span.line ?? Number.POSITIVE_INFINITY
          return lines.some(({ line }) => line !== null && line >= node.span.line && line < end)
        })
        .map((node) => node.name),
    )
  }, [info, model])
}

function shapeOf(graph: FlowGraph): string {
  return JSON.stringify([graph.nodes.map((node) => node.id), graph.edges.map((edge) => edge.id)])
}

/** A curve straight down, or around the rows in between on a lane beside them. */
export function edgePath(layout: Layout, edge: { id: string; from: string; to: string }): string {
  const from = layout.places.get(edge.from)
  const to = layout.places.get(edge.to)
  if (!from || !to) return ''
  const [startX, startY] = [middleOf(from), from.y + from.height]
  const [endX, endY] = [middleOf(to), to.y]
  const lane = layout.lanes.get(edge.id)
  if (lane === undefined) {
    const middle = (startY + endY) / 2
    return `M${startX} ${startY}C${startX} ${middle} ${endX} ${middle} ${endX} ${endY}`
  }
  return [
    `M${startX} ${startY}C${startX} ${startY + rise} ${lane} ${startY + 4} ${lane} ${startY + rise * 2}`,
    `L${lane} ${endY - rise * 2}`,
    `C${lane} ${endY - 4} ${endX} ${endY - rise} ${endX} ${endY}`,
  ].join('')
}

const middleOf = (place: Placed) => place.x + place.width / 2
