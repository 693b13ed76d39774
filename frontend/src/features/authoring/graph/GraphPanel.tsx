import { IconFocusCentered, IconMinus, IconPlus } from '@tabler/icons-react'
import { useState } from 'react'
import { IconButton } from '../../../components/Button'
import { Panel } from '../../../components/Panel'
import { GraphCanvas, type GraphControls } from './GraphCanvas'

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
      <GraphCanvas onReady={setControls} onZoom={setZoom} />
    </Panel>
  )
}
