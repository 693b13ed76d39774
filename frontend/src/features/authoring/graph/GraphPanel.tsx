import { IconFocusCentered, IconMinus, IconPlus } from '@tabler/icons-react'
import { lazy, Suspense, useState } from 'react'
import { IconButton } from '../../../components/Button'
import { Panel } from '../../../components/Panel'
import type { GraphControls } from './GraphCanvas'

const GraphCanvas = lazy(() => import('./GraphCanvas').then((module) => ({ default: module.GraphCanvas })))

/** The flow as a picture, laid out by itself, above which one can zoom. */
export function GraphPanel() {
  const [controls, setControls] = useState<GraphControls | null>(null)
  const [zoom, setZoom] = useState(1)
  return (
    <Panel
      title="Graph"
      fill
      actions={
        <>
          <IconButton
            size="small"
            label="Zoom out"
            icon={<IconMinus size={16} stroke={1.5} aria-hidden />}
            onClick={() => controls?.zoomOut()}
          />
          <span className="small secondary" style={{ width: 44, textAlign: 'center' }}>
            {Math.round(zoom * 100)} %
          </span>
          <IconButton
            size="small"
            label="Zoom in"
            icon={<IconPlus size={16} stroke={1.5} aria-hidden />}
            onClick={() => controls?.zoomIn()}
          />
          <IconButton
            size="small"
            label="Fit graph"
            icon={<IconFocusCentered size={16} stroke={1.5} aria-hidden />}
            onClick={() => controls?.showAll()}
          />
        </>
      }
    >
      <Suspense>
        <GraphCanvas onReady={setControls} onZoom={setZoom} />
      </Suspense>
    </Panel>
  )
}
