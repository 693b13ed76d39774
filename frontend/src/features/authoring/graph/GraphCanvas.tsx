import { type FocusEvent, memo, type RefObject, useEffect, useEffectEvent, useLayoutEffect, useRef } from 'react'
import { useStore } from 'zustand'
import { nodeId } from '../../../graph/flowGraph'
import { useAuthoring } from '../state/context'
import { GraphNodeView } from './GraphNodeView'
import styles from './graph.module.css'
import { edgePath, useDrawing } from './useDrawing'
import { useViewport } from './useViewport'

export interface GraphControls {
  zoomIn: () => void
  zoomOut: () => void
  showAll: () => void
}

interface GraphCanvasProps {
  onReady: (controls: GraphControls) => void
  onZoom: (zoom: number) => void
}

type Drawn = ReturnType<typeof useDrawing>

const zoomStep = 1.2

/** The graph under a viewport that can be moved and zoomed. */
export function GraphCanvas({ onReady, onZoom }: GraphCanvasProps) {
  const box = useRef<HTMLDivElement>(null)
  const drawn = useDrawing()
  const view = useViewport(box)
  const { x, y, zoom } = view.viewport
  const showAll = useShowAll(box, drawn, view)
  useLocate(box, drawn, view)

  const ready = useEffectEvent(() =>
    onReady({ zoomIn: () => view.zoomBy(zoomStep), zoomOut: () => view.zoomBy(1 / zoomStep), showAll }),
  )
  useEffect(() => ready(), [])
  const tellZoom = useEffectEvent(onZoom)
  useEffect(() => tellZoom(zoom), [zoom])

  /** A node reached by Tab is brought into sight. */
  const follow = ({ target, currentTarget }: FocusEvent<HTMLElement>) => {
    const [node, frame] = [target.getBoundingClientRect(), currentTarget.getBoundingClientRect()]
    const right = overshoot(node.left, node.right, frame.left, frame.right)
    const down = overshoot(node.top, node.bottom, frame.top, frame.bottom)
    if (target.matches(':focus-visible') && (right !== 0 || down !== 0)) view.move(-right, -down)
  }

  return (
    // biome-ignore lint/a11y/noStaticElementInteractions: keys go to the nodes, which are buttons.
    <div ref={box} className={styles.canvas} onFocus={follow} {...view.handlers}>
      <div className={styles.plane} style={{ transform: `translate(${x}px, ${y}px) scale(${zoom})` }}>
        <Drawing {...drawn} />
      </div>
    </div>
  )
}

const Drawing = memo(function Drawing({ graph, layout, bad }: Drawn) {
  return (
    <>
      <svg className={styles.edges} width={layout.width} height={layout.height} aria-hidden="true">
        {graph.edges.map((edge) => (
          <path key={edge.id} d={edgePath(layout, edge)} strokeDasharray={edge.isCondition ? '4 3' : undefined} />
        ))}
      </svg>
      {graph.nodes.map((item) => {
        const { x: left = 0, y: top = 0, width = 168, height = 32 } = layout.places.get(item.id) ?? {}
        return (
          <div key={item.id} className={styles.place} style={{ left, top, width, height }}>
            <GraphNodeView item={item} isBad={item.role === 'node' && bad.has(item.name)} />
          </div>
        )
      })}
    </>
  )
})

type Box = RefObject<HTMLDivElement | null>
type View = ReturnType<typeof useViewport>

/** Shows the whole flow: now, when it gets another shape, and when the panel gets another size. */
function useShowAll(box: Box, { layout, shape }: Drawn, view: View): () => void {
  const current = useRef(layout)
  useLayoutEffect(() => {
    current.current = layout
  }, [layout])
  const showAll = () => {
    const { clientWidth = 0, clientHeight = 0 } = box.current ?? {}
    if (clientWidth === 0) return
    const { width, height } = current.current
    const zoom = Math.max(0.2, Math.min(1, clientWidth / width, clientHeight / height))
    view.setViewport({ zoom, x: (clientWidth - width * zoom) / 2, y: Math.max(0, (clientHeight - height * zoom) / 2) })
  }
  const show = useEffectEvent(showAll)
  // biome-ignore lint/correctness/useExhaustiveDependencies: another shape of the flow is to be seen as a whole.
  useLayoutEffect(() => show(), [shape])
  useEffect(() => {
    if (!box.current) return
    const observer = new ResizeObserver(() => show())
    observer.observe(box.current)
    return () => observer.disconnect()
  }, [box])
  return showAll
}

/** Brings a node into the middle when another part of the page asks for it. */
function useLocate(box: Box, { layout }: Drawn, view: View): void {
  const { page } = useAuthoring()
  const locates = useStore(page, (state) => state.locates)
  const selected = useStore(page, (state) => state.selected)
  const locate = useEffectEvent(() => {
    const place = layout.places.get(nodeId(selected ?? ''))
    if (!place || !box.current) return
    view.setViewport({
      zoom: 1,
      x: box.current.clientWidth / 2 - place.x - place.width / 2,
      y: box.current.clientHeight / 2 - place.y - place.height / 2,
    })
  })
  useEffect(() => {
    if (locates > 0) locate()
  }, [locates])
}

/** How far something lies beyond an end of what is seen. */
function overshoot(start: number, end: number, from: number, to: number): number {
  if (start < from) return start - from
  return end > to ? end - to : 0
}
