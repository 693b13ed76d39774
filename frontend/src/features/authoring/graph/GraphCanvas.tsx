import {
  BaseEdge,
  type Edge,
  type EdgeProps,
  Handle,
  type Node,
  type NodeProps,
  Position,
  ReactFlow,
  ReactFlowProvider,
  useReactFlow,
} from '@xyflow/react'
import '@xyflow/react/dist/base.css'
import { IconAlertTriangle, IconLogin2, IconLogout, IconPlayerSkipForward } from '@tabler/icons-react'
import { memo, useEffect, useEffectEvent, useMemo, useRef } from 'react'
import { useStore } from 'zustand'
import { KindIcon, nodeKind } from '../../../components/Kind'
import { StatusIcon } from '../../../components/Status'
import { type FlowGraph, flowGraph, type GraphNode, nodeId } from '../../../graph/flowGraph'
import { layoutGraph } from '../../../graph/layout'
import { classes } from '../../../lib/classes'
import { useAuthoring, useFlowInfo, useModel } from '../state/context'
import { selectCard } from '../state/pageStore'
import { durationText } from '../values'
import styles from './graph.module.css'

export interface GraphControls {
  zoomIn: () => void
  zoomOut: () => void
  showAll: () => void
}

interface GraphCanvasProps {
  onReady: (controls: GraphControls) => void
  onZoom: (zoom: number) => void
}

type GraphNodeData = { item: GraphNode; isBad: boolean } & Record<string, unknown>

export function GraphCanvas(props: GraphCanvasProps) {
  return (
    <ReactFlowProvider>
      <Canvas {...props} />
    </ReactFlowProvider>
  )
}

function Canvas({ onReady, onZoom }: GraphCanvasProps) {
  const { page } = useAuthoring()
  const flow = useReactFlow()
  const box = useRef<HTMLDivElement>(null)
  const { nodes, edges, key, layout } = useDrawing()
  const locates = useStore(page, (state) => state.locates)
  const selected = useStore(page, (state) => state.selected)
  const showAll = useEffectEvent(() => {
    const element = box.current
    if (!element || element.clientWidth === 0) return
    const zoom = Math.max(0.2, Math.min(1, element.clientWidth / layout.width, element.clientHeight / layout.height))
    const x = (element.clientWidth - layout.width * zoom) / 2
    const y = Math.max(0, (element.clientHeight - layout.height * zoom) / 2)
    void flow.setViewport({ x, y, zoom })
  })
  const ready = useEffectEvent(() => {
    onReady({
      zoomIn: () => void flow.zoomIn(),
      zoomOut: () => void flow.zoomOut(),
      showAll: () => showAll(),
    })
  })
  useEffect(() => ready(), [])

  // biome-ignore lint/correctness/useExhaustiveDependencies: another shape of the flow is to be seen as a whole.
  useEffect(() => {
    const timer = setTimeout(() => showAll(), 0)
    return () => clearTimeout(timer)
  }, [key])

  useEffect(() => {
    const element = box.current
    if (!element) return
    const observer = new ResizeObserver(() => showAll())
    observer.observe(element)
    return () => observer.disconnect()
  }, [])

  const locate = useEffectEvent(() => {
    const place = nodes.find((node) => node.id === nodeId(selected ?? ''))
    if (!place) return
    const { width = 0, height = 0, position } = place
    void flow.setCenter(position.x + width / 2, position.y + height / 2, { zoom: 1 })
  })
  useEffect(() => {
    if (locates > 0) locate()
  }, [locates])

  return (
    <div ref={box} className={styles.canvas}>
      <ReactFlow
        nodes={nodes}
        edges={edges}
        nodeTypes={nodeTypes}
        edgeTypes={edgeTypes}
        nodesDraggable={false}
        nodesConnectable={false}
        nodesFocusable={false}
        edgesFocusable={false}
        elementsSelectable={false}
        disableKeyboardA11y
        minZoom={0.2}
        maxZoom={2}
        zoomOnDoubleClick={false}
        panOnScroll
        preventScrolling
        onViewportChange={({ zoom }) => onZoom(zoom)}
        proOptions={{ hideAttribution: true }}
      />
    </div>
  )
}

/** Nodes and edges where the layout puts them. Places change only with the shape of the flow. */
function useDrawing() {
  const model = useModel()
  const info = useFlowInfo()
  const graph = useMemo(() => flowGraph(model), [model])
  const key = shapeOf(graph)
  // biome-ignore lint/correctness/useExhaustiveDependencies: the layout depends on nothing but the shape.
  const layout = useMemo(() => layoutGraph(graph), [key])
  const bad = useMemo(() => {
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
  const nodes = useMemo(
    () =>
      graph.nodes.map((item): Node<GraphNodeData> => {
        const place = layout.places.get(item.id) ?? { x: 0, y: 0, width: 168, height: 32 }
        return {
          id: item.id,
          type: 'flow',
          position: { x: place.x, y: place.y },
          width: place.width,
          height: place.height,
          data: { item, isBad: item.role === 'node' && bad.has(item.name) },
        }
      }),
    [graph, layout, bad],
  )
  const edges = useMemo(
    () =>
      graph.edges.map(
        (edge): Edge => ({
          id: edge.id,
          source: edge.from,
          target: edge.to,
          type: 'flow',
          data: { lane: layout.lanes.get(edge.id) ?? null },
          className: edge.isCondition ? (styles.condition ?? '') : '',
          selectable: false,
        }),
      ),
    [graph, layout],
  )
  return { nodes, edges, key, layout }
}

function shapeOf(graph: FlowGraph): string {
  return JSON.stringify([graph.nodes.map((node) => node.id), graph.edges.map((edge) => edge.id)])
}

const FlowGraphNode = memo(function FlowGraphNode({ data }: NodeProps<Node<GraphNodeData>>) {
  const { item, isBad } = data
  const { page } = useAuthoring()
  const isSelected = useStore(page, ({ selected }) => selected === item.name)
  return (
    <>
      <Handle type="target" position={Position.Top} isConnectable={false} className={styles.handle ?? ''} />
      {item.role === 'node' ? (
        <ToolNode item={item} isBad={isBad} isSelected={isSelected} />
      ) : (
        <button
          type="button"
          className={classes(styles.pill, isSelected && styles.selected, 'nopan')}
          onClick={() => selectCard(page, item.name)}
        >
          {item.role === 'inputs' ? (
            <IconLogin2 size={14} stroke={1.5} aria-hidden />
          ) : (
            <IconLogout size={14} stroke={1.5} aria-hidden />
          )}
          {item.name}
        </button>
      )}
      <Handle type="source" position={Position.Bottom} isConnectable={false} className={styles.handle ?? ''} />
    </>
  )
})

const nodeTypes = { flow: FlowGraphNode }

const rise = 18

/** A curve straight down, or around the rows in between on a lane beside them. */
function FlowGraphEdge({ sourceX, sourceY, targetX, targetY, data }: EdgeProps<Edge<{ lane: number | null }>>) {
  const lane = data?.lane ?? null
  const middle = (sourceY + targetY) / 2
  const path =
    lane === null
      ? `M${sourceX} ${sourceY}C${sourceX} ${middle} ${targetX} ${middle} ${targetX} ${targetY}`
      : [
          `M${sourceX} ${sourceY}C${sourceX} ${sourceY + rise} ${lane} ${sourceY + 4} ${lane} ${sourceY + rise * 2}`,
          `L${lane} ${targetY - rise * 2}`,
          `C${lane} ${targetY - 4} ${targetX} ${targetY - rise} ${targetX} ${targetY}`,
        ].join('')
  return <BaseEdge path={path} />
}

const edgeTypes = { flow: FlowGraphEdge }

function ToolNode({ item, isBad, isSelected }: { item: GraphNode; isBad: boolean; isSelected: boolean }) {
  const { page, runs } = useAuthoring()
  const state = useStore(runs.view, (view) => view.nodes[item.name])
  const seconds = state?.result?.duration
  const hasTime = state?.status === 'completed' && typeof seconds === 'number'
  return (
    <button
      type="button"
      data-kind={nodeKind(item.type)}
      className={classes(
        styles.node,
        'nopan',
        item.hasVariants && styles.stacked,
        isSelected && styles.selected,
        (state?.status === 'failed' || isBad) && styles.bad,
        state?.status === 'bypassed' && styles.dim,
      )}
      onClick={() => selectCard(page, item.name)}
    >
      <KindIcon kind={nodeKind(item.type)} />
      <span className="truncate">{item.name}</span>
      <span className={styles.end}>
        {item.isConditional && <IconPlayerSkipForward size={14} stroke={1.5} aria-label="Conditional" role="img" />}
        {isBad && (
          <IconAlertTriangle size={14} stroke={1.5} aria-label="Has a problem" role="img" className={styles.warn} />
        )}
        {hasTime && durationText(seconds)}
        {state && state.status !== 'not-run' && <StatusIcon status={state.status} />}
      </span>
    </button>
  )
}
