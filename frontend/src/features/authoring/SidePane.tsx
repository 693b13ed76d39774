import { IconFolder, IconHistory } from '@tabler/icons-react'
import { lazy, type ReactNode, Suspense } from 'react'
import { Splitter } from '../../components/Splitter'
import { TabPanel, Tabs } from '../../components/Tabs'
import { useRemembered } from '../../lib/useRemembered'
import { FilesPanel } from './files/FilesPanel'
import { GraphPanel } from './graph/GraphPanel'
import styles from './SidePane.module.css'
import { useAuthoring } from './state/context'

const HistoryPanel = lazy(() => import('../history/HistoryPanel').then((module) => ({ default: module.HistoryPanel })))

type SideTab = 'files' | 'history'

const label = 'The flow’s folder'
const icon = { size: 14, stroke: 1.5, 'aria-hidden': true } as const
const tabs = [
  { id: 'files' as SideTab, label: 'Files', icon: <IconFolder {...icon} /> },
  { id: 'history' as SideTab, label: 'History', icon: <IconHistory {...icon} /> },
]

/** Beside the cards: the flow's files with its graph (or what stands for one) under them, or what happened to the flow. */
export function SidePane({ below }: { below?: ReactNode }) {
  const { session } = useAuthoring()
  const [tab, setTab] = useRemembered<SideTab>('authoring:side-tab', 'files')
  const pane = (
    <div className={styles.pane}>
      <Tabs label={label} tabs={tabs} value={tab} onChange={setTab} />
      <TabPanel of={label} id={tab} className={styles.panel ?? ''}>
        {tab === 'files' ? (
          <FilesPanel />
        ) : (
          <Suspense>
            <HistoryPanel path={session.path} />
          </Suspense>
        )}
      </TabPanel>
    </div>
  )
  if (tab === 'history') return pane // Differences need the height that the graph would take.
  return (
    <Splitter
      direction="vertical"
      label="Height of the files"
      storageKey={below ? 'authoring-entry-files' : 'authoring-files'}
      sized="first"
      initial={below ? 172 : 280}
      min={72}
      minRest={120}
    >
      {pane}
      {below ?? <GraphPanel />}
    </Splitter>
  )
}
