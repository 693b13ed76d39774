import { useMemo } from 'react'
import { type MiniNode, miniLayout, type PlacedNode } from '../lib/miniLayout'
import styles from './MiniGraph.module.css'

interface MiniGraphProps {
  nodes: readonly MiniNode[]
  edges: readonly (readonly [string, string])[]
  width?: number
  height?: number
}

const nodeWidth = 20
const nodeHeight = 10
const columnStep = 32
const rowStep = 18

/** A flow's graph in miniature, without words. */
export function MiniGraph({ nodes, edges, width = 184, height = 64 }: MiniGraphProps) {
  const layout = useMemo(() => miniLayout(nodes, edges), [nodes, edges])
  const naturalWidth = (layout.columns - 1) * columnStep + nodeWidth + 2
  const naturalHeight = (layout.rows - 1) * rowStep + nodeHeight + 2
  const x = (node: PlacedNode) => node.column * columnStep + 1.5
  const y = (node: PlacedNode) => naturalHeight / 2 + node.row * rowStep
  const scale = Math.min(1, width / naturalWidth, height / naturalHeight)
  const viewWidth = width / scale
  const viewHeight = height / scale
  const viewBox = `${(naturalWidth - viewWidth) / 2} ${(naturalHeight - viewHeight) / 2} ${viewWidth} ${viewHeight}`
  return (
    <svg width={width} height={height} viewBox={viewBox} aria-hidden="true">
      {layout.edges.map(([from, to]) => {
        const start = x(from) + nodeWidth
        const middle = (start + x(to)) / 2
        return (
          <path
            key={`${from.name} ${to.name}`}
            className={styles.edge}
            d={`M${start} ${y(from)}C${middle} ${y(from)} ${middle} ${y(to)} ${x(to)} ${y(to)}`}
          />
        )
      })}
      {layout.nodes.map((node) => (
        <rect
          key={node.name}
          className={styles.node}
          data-kind={node.kind}
          x={x(node)}
          y={y(node) - nodeHeight / 2}
          width={nodeWidth}
          height={nodeHeight}
          rx={node.kind === 'io' ? nodeHeight / 2 : 2.5}
        />
      ))}
    </svg>
  )
}
