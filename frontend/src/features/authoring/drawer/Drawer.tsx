import { IconChevronDown, IconChevronUp } from '@tabler/icons-react'
import { lazy, Suspense } from 'react'
import { useStore } from 'zustand'
import { IconButton } from '../../../components/Button'
import { StatusText } from '../../../components/Status'
import { TabPanel, Tabs } from '../../../components/Tabs'
import { formatCount, formatDuration } from '../../../lib/format'
import disclosure from '../disclosure.module.css'
import { useAuthoring } from '../state/context'
import type { DrawerTab } from '../state/pageStore'
import styles from './drawer.module.css'
import { LogsPanel } from './LogsPanel'
import { OutputsPanel } from './OutputsPanel'
import { ProblemsPanel } from './ProblemsPanel'
import { useProblems } from './useProblems'
import { useShownRun } from './useShownRun'

const TracePanel = lazy(() => import('./TracePanel').then((module) => ({ default: module.TracePanel })))

const FlowTerminals = lazy(() =>
  import('../../terminal/FlowTerminals').then((module) => ({ default: module.FlowTerminals })),
)

const name = 'Results'

/** What the last runs did, and what is wrong. Folded, only its tabs remain. */
export function Drawer() {
  const { page, session } = useAuthoring()
  const tab = useStore(page, (state) => state.drawer)
  return (
    <section aria-label={name} className={styles.drawer}>
      <DrawerTabs />
      <TabPanel of={name} id={tab} className={styles.panel ?? ''}>
        {tab === 'outputs' && <OutputsPanel />}
        {tab === 'trace' && (
          <Suspense>
            <TracePanel />
          </Suspense>
        )}
        {tab === 'logs' && <LogsPanel />}
        {tab === 'problems' && <ProblemsPanel />}
        {tab === 'terminal' && (
          <Suspense>
            <FlowTerminals path={session.path} />
          </Suspense>
        )}
      </TabPanel>
    </section>
  )
}

export function FoldedDrawer() {
  const { page } = useAuthoring()
  const tab = useStore(page, (state) => state.drawer)
  return (
    <section aria-label={name} className={styles.foldedDrawer}>
      <DrawerTabs />
      <div hidden>
        <TabPanel of={name} id={tab}>
          {null}
        </TabPanel>
      </div>
    </section>
  )
}

function DrawerTabs() {
  const { page } = useAuthoring()
  const tab = useStore(page, (state) => state.drawer)
  const isFolded = useStore(page, (state) => state.isDrawerFolded)
  const problems = useProblems()
  const hasErrors = problems.some((problem) => problem.severity === 'error')
  const open = (drawer: DrawerTab) => page.setState({ drawer, isDrawerFolded: false })
  return (
    <Tabs
      label={name}
      value={tab}
      onChange={open}
      tabs={[
        { id: 'outputs', label: 'Outputs' },
        { id: 'trace', label: 'Trace' },
        { id: 'logs', label: 'Logs' },
        { id: 'problems', label: 'Problems', count: problems.length, tone: hasErrors ? 'danger' : 'warning' },
        { id: 'terminal', label: 'Terminal' },
      ]}
      end={
        <>
          <RunFacts />
          <IconButton
            size="small"
            label={isFolded ? 'Unfold results' : 'Fold results'}
            aria-expanded={!isFolded}
            className={disclosure.disclosure ?? ''}
            icon={
              isFolded ? (
                <IconChevronUp size={16} stroke={1.5} aria-hidden />
              ) : (
                <IconChevronDown size={16} stroke={1.5} aria-hidden />
              )
            }
            onClick={() => page.setState({ isDrawerFolded: !isFolded })}
          />
        </>
      }
    />
  )
}

function RunFacts() {
  const run = useShownRun()
  if (!run) return null
  const facts = [
    run.duration !== null && formatDuration(run.duration),
    run.tokens > 0 && `${formatCount(run.tokens)} tok`,
  ].filter(Boolean)
  return (
    <span className={styles.facts}>
      <StatusText status={run.status} />
      {facts.length > 0 && <span>{facts.join(' · ')}</span>}
    </span>
  )
}
