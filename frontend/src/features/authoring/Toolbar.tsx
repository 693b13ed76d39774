import {
  IconAlignLeft,
  IconArrowBackUp,
  IconArrowForwardUp,
  IconCode,
  IconDots,
  IconDownload,
  IconFold,
  IconLayoutList,
  IconLayoutSidebarRightCollapse,
  IconLayoutSidebarRightExpand,
  IconMessage,
  IconPlayerPlay,
  IconPlayerStop,
  IconPlus,
  IconSparkles,
} from '@tabler/icons-react'
import { lazy, Suspense } from 'react'
import { useStore } from 'zustand'
import { Button, IconButton } from '../../components/Button'
import { Switch } from '../../components/Field'
import { Menu } from '../../components/Menu'
import { isChatFlow } from '../../yaml/flow'
import styles from './AuthoringPage.module.css'
import disclosure from './disclosure.module.css'
import { useRun } from './run/useRun'
import { useAuthoring, useFlowView, useKind, useModel } from './state/context'
import { useExport } from './useExport'
import { useNodeActions } from './useNodeActions'

const EnvironmentStatus = lazy(() =>
  import('../environments/EnvironmentStatus').then((module) => ({ default: module.EnvironmentStatus })),
)

const look = { size: 16, stroke: 1.5, 'aria-hidden': true } as const

/** What one does with the flow as a whole. */
export function Toolbar() {
  const { page } = useAuthoring()
  const hasNodes = useKind() === 'dag'
  const isSideFolded = useStore(page, (state) => state.isSideFolded)
  const side = hasNodes ? 'files and graph' : 'inputs and files'
  return (
    <div className={styles.toolbar} role="toolbar" aria-label="Flow">
      <RunButton />
      <ChatButton />
      {hasNodes && <AddNode />}
      <ExportButton />
      {hasNodes && <MoreMenu />}
      <span className={styles.toolbarEnd}>
        <Session />
        {hasNodes && <RawSwitch />}
        <IconButton
          label={isSideFolded ? `Unfold ${side}` : `Fold ${side}`}
          aria-expanded={!isSideFolded}
          className={disclosure.disclosure ?? ''}
          icon={
            isSideFolded ? <IconLayoutSidebarRightExpand {...look} /> : <IconLayoutSidebarRightCollapse {...look} />
          }
          onClick={() => page.setState({ isSideFolded: !isSideFolded, isChatOpen: false })}
        />
      </span>
    </div>
  )
}

/** What the flow runs with; it comes a moment after the page. */
function Session() {
  const { session, runs } = useAuthoring()
  const isRunning = useStore(runs.view, (view) => view.isRunning)
  return (
    <Suspense>
      <EnvironmentStatus path={session.address} folder={session.path} isRunning={isRunning} />
    </Suspense>
  )
}

function ChatButton() {
  const { page } = useAuthoring()
  const model = useModel()
  const isChatOpen = useStore(page, (state) => state.isChatOpen)
  if (!isChatFlow(model)) return null
  return (
    <Button
      variant="ghost"
      icon={<IconMessage {...look} />}
      pressed={isChatOpen}
      onClick={() => page.setState({ isChatOpen: !isChatOpen, isSideFolded: false })}
    >
      Chat
    </Button>
  )
}

function RawSwitch() {
  const { page, session } = useAuthoring()
  const isRaw = useStore(page, (state) => state.isRaw)
  return (
    <Switch
      label="Raw file mode"
      checked={isRaw}
      onChange={(isOn) =>
        page.setState(({ tabs, tab }) => {
          const first = session.opened.getState().flowFile
          return tabs.length === 0 ? { isRaw: isOn, tabs: [first], tab: first } : { isRaw: isOn, tab: tab || first }
        })
      }
    />
  )
}

function MoreMenu() {
  const { session, page, readOnly } = useAuthoring()
  const model = useModel()
  return (
    <Menu
      width={232}
      entries={[
        {
          label: 'Undo',
          keys: 'Ctrl+Z',
          icon: <IconArrowBackUp {...look} />,
          disabledReason: readOnly,
          onSelect: () => session.undo(),
        },
        {
          label: 'Redo',
          keys: 'Ctrl+Shift+Z',
          icon: <IconArrowForwardUp {...look} />,
          disabledReason: readOnly,
          onSelect: () => session.redo(),
        },
        'line',
        {
          label: 'Fold all nodes',
          icon: <IconFold {...look} />,
          onSelect: () => page.setState({ collapsed: new Set(model.nodes.map((node) => node.name)) }),
        },
        {
          label: 'Unfold all nodes',
          icon: <IconLayoutList {...look} />,
          onSelect: () => page.setState({ collapsed: new Set() }),
        },
      ]}
    >
      <IconButton label="More for this flow" icon={<IconDots {...look} />} />
    </Menu>
  )
}

function ExportButton() {
  const exportFlow = useExport()
  return (
    <Button variant="ghost" icon={<IconDownload {...look} />} onClick={() => void exportFlow()}>
      Export
    </Button>
  )
}

function RunButton() {
  const { runs } = useAuthoring()
  const run = useRun()
  const { model } = useFlowView()
  const hasNodes = useKind() === 'dag'
  const isRunning = useStore(runs.view, (view) => view.isRunning)
  if (isRunning) {
    return (
      <Button icon={<IconPlayerStop {...look} />} onClick={() => void runs.stop()}>
        Stop
      </Button>
    )
  }
  return (
    <Button
      variant="primary"
      icon={<IconPlayerPlay {...look} />}
      disabledReason={hasNodes && model?.nodes.length === 0 ? 'The flow has no nodes yet.' : null}
      onClick={() => void run.flow()}
    >
      Run
    </Button>
  )
}

function AddNode() {
  const { readOnly } = useAuthoring()
  const { isStale } = useFlowView()
  const actions = useNodeActions()
  const reason = readOnly ?? (isStale ? 'The flow file has a syntax error.' : null)
  if (reason) {
    return (
      <Button variant="ghost" icon={<IconPlus {...look} />} disabledReason={reason}>
        Add node
      </Button>
    )
  }
  return (
    <Menu
      width={264}
      entries={[
        {
          label: 'LLM',
          end: <Hint>asks a model</Hint>,
          icon: <IconSparkles {...look} />,
          onSelect: () => void actions.add('llm'),
        },
        {
          label: 'Prompt',
          end: <Hint>fills a template</Hint>,
          icon: <IconAlignLeft {...look} />,
          onSelect: () => void actions.add('prompt'),
        },
        {
          label: 'Python',
          end: <Hint>runs code</Hint>,
          icon: <IconCode {...look} />,
          onSelect: () => void actions.add('python'),
        },
      ]}
    >
      <Button variant="ghost" icon={<IconPlus {...look} />}>
        Add node
      </Button>
    </Menu>
  )
}

function Hint({ children }: { children: string }) {
  return <span className="secondary small">{children}</span>
}
