import { IconFolder, IconGitBranch, IconHistory } from '@tabler/icons-react'
import { useQuery } from '@tanstack/react-query'
import { useNavigate } from '@tanstack/react-router'
import { lazy, type ReactNode, Suspense } from 'react'
import { gitStatusQuery } from '../../api/git'
import { Splitter } from '../../components/Splitter'
import { type Tab, TabPanel, Tabs } from '../../components/Tabs'
import { useRemembered } from '../../lib/useRemembered'
import { FilesPanel } from './files/FilesPanel'
import { GraphPanel } from './graph/GraphPanel'
import styles from './SidePane.module.css'
import { useAuthoring } from './state/context'

const HistoryPanel = lazy(() => import('../history/HistoryPanel').then((module) => ({ default: module.HistoryPanel })))

const GitPanel = lazy(() => import('../git/pages').then((module) => ({ default: module.GitPanel })))

type SideTab = 'files' | 'git' | 'history'

const label = 'The flow’s folder'
const icon = { size: 14, stroke: 1.5, 'aria-hidden': true } as const

/** Beside the cards: the flow's files with its graph (or what stands for one) under them, or what happened to the flow. */
export function SidePane({ below }: { below?: ReactNode }) {
  const { session } = useAuthoring()
  const [tab, setTab] = useRemembered<SideTab>('authoring:side-tab', 'files')
  const navigate = useNavigate()
  const { data: git } = useQuery(gitStatusQuery(session.path))
  const isOpen = git && git.state !== 'clean'
  const tabs: Tab<SideTab>[] = [
    { id: 'files', label: 'Files', icon: <IconFolder {...icon} /> },
    {
      id: 'git',
      label: 'Git',
      icon: <IconGitBranch {...icon} />,
      count: git?.entry_count,
      tone: isOpen ? 'warning' : undefined,
    },
    { id: 'history', label: 'History', icon: <IconHistory {...icon} /> },
  ]
  const pane = (
    <div className={styles.pane}>
      <Tabs label={label} tabs={tabs} value={tab} onChange={setTab} />
      <TabPanel of={label} id={tab} className={styles.panel ?? ''}>
        {tab === 'files' ? (
          <FilesPanel />
        ) : (
          <Suspense>
            {tab === 'history' ? (
              <HistoryPanel path={session.path} />
            ) : (
              <GitPanel
                path={session.path}
                onShow={(search) => void navigate({ to: '/flows/$', params: { _splat: session.address }, search })}
              />
            )}
          </Suspense>
        )}
      </TabPanel>
    </div>
  )
  if (tab !== 'files') return pane // Differences need the height that the graph would take.
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
