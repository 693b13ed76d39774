import { useQuery } from '@tanstack/react-query'
import { Link } from '@tanstack/react-router'
import { useEffect, useEffectEvent, useMemo, useState } from 'react'
import { useStore } from 'zustand'
import { ApiError } from '../../api/errors'
import { useEvents } from '../../api/events'
import { entryQuery } from '../../api/files'
import { flowQuery } from '../../api/flows'
import { useOpen } from '../../api/presence'
import { Breadcrumb, TopBarEnd } from '../../app/TopBar'
import { buttonClass } from '../../components/Button'
import { EmptyState } from '../../components/EmptyState'
import { ErrorMessage } from '../../components/Note'
import { Present } from '../../components/Present'
import { Skeleton } from '../../components/Skeleton'
import { Splitter } from '../../components/Splitter'
import { baseName, joinPath, ownerOf } from '../../lib/paths'
import { remember, remembered } from '../../lib/storage'
import { useDelayed } from '../../lib/useDelayed'
import styles from './AuthoringPage.module.css'
import { Bars } from './Bars'
import { CardList } from './cards/CardList'
import { ChatPanel } from './chat/ChatPanel'
import { Drawer, FoldedDrawer } from './drawer/Drawer'
import { FileTabs } from './files/FileTabs'
import { runStoreOf } from './run/runStore'
import { RunProvider, useRun } from './run/useRun'
import { SaveIndicator } from './SaveIndicator'
import { SidePane } from './SidePane'
import { AuthoringContext, useAuthoring, useFileState, useFlowView } from './state/context'
import { FlowSession } from './state/FlowSession'
import { createPageStore, type PageStore } from './state/pageStore'
import { Toolbar } from './Toolbar'
import { usePageKeys } from './usePageKeys'

void import('../editor/CodeEditor') // Needed on almost every visit: fetched while the flow is.

const foldedKey = 'authoring:folded'

/** The page on which a flow is written and tried. */
export function AuthoringPage({ path }: { path: string }) {
  const [session] = useState(() => new FlowSession(path))
  const [page] = useState(() =>
    createPageStore({ isDrawerFolded: false, isSideFolded: false, ...remembered(foldedKey, {}) }),
  )
  const info = useQuery({ ...flowQuery(path), placeholderData: (previous) => previous })
  const owner = ownerOf(path)
  const readOnly = info.data && !info.data.writable ? `This flow belongs to ${owner}, so you cannot change it.` : null
  const authoring = useMemo(
    () => ({ session, page, runs: runStoreOf(path), readOnly }),
    [session, page, path, readOnly],
  )
  useOpenFiles(path, page)
  useEvents([path], (event) => session.receive(event))
  useLeaving(session)
  useRememberedFolds(page)
  const otherFile = info.data?.file
  useEffect(() => {
    if (otherFile && session.flowFile.state.getState().phase === 'missing') session.readFlowFrom(otherFile)
  }, [otherFile, session])
  return (
    <AuthoringContext value={authoring}>
      <Breadcrumb crumbs={[{ label: 'Flows', to: '/flows' }, { label: owner ?? 'Share' }, { label: baseName(path) }]} />
      <RunProvider>
        <Content isPending={info.isPending} onRetry={() => void info.refetch()} />
      </RunProvider>
    </AuthoringContext>
  )
}

/** Others see that this flow is open here, and in raw file mode which file. */
function useOpenFiles(path: string, page: PageStore): void {
  const tab = useStore(page, ({ isRaw, tab }) => (isRaw ? tab : ''))
  useOpen(tab === '' ? [path] : [path, joinPath(path, tab)])
}

/** Nothing typed is lost when the page goes away. */
function useLeaving(session: FlowSession): void {
  useEffect(() => {
    const leave = () => session.leave()
    const back = () => void session.flush()
    addEventListener('pagehide', leave)
    addEventListener('online', back)
    return () => {
      removeEventListener('pagehide', leave)
      removeEventListener('online', back)
      leave()
    }
  }, [session])
}

function useRememberedFolds(page: PageStore): void {
  useEffect(
    () =>
      page.subscribe(({ isDrawerFolded, isSideFolded }, before) => {
        if (isDrawerFolded !== before.isDrawerFolded || isSideFolded !== before.isSideFolded) {
          remember(foldedKey, { isDrawerFolded, isSideFolded })
        }
      }),
    [page],
  )
}

interface ContentProps {
  isPending: boolean
  onRetry: () => void
}

function Content({ isPending, onRetry }: ContentProps) {
  const { session } = useAuthoring()
  const view = useFlowView()
  const flowFile = useStore(session.opened, (opened) => opened.flowFile)
  const { phase, error: fileError } = useFileState(session.file(flowFile))
  const isLoading = phase === 'loading' || (phase === 'missing' && isPending)
  const isSlow = useDelayed(isLoading)
  if (isLoading) return isSlow ? <PageSkeleton /> : null
  if (phase === 'missing') return <NoFlow />
  if (phase === 'failed' || phase === 'binary') {
    return (
      <div className={styles.failed}>
        <ErrorMessage
          title={`${flowFile} could not be read.`}
          error={new Error(phase === 'binary' ? 'It is not UTF-8 text.' : (fileError ?? ''))}
          onRetry={() => {
            void session.flowFile.load()
            onRetry()
          }}
        />
      </div>
    )
  }
  return <Workbench hasCards={view.model !== null} />
}

function Workbench({ hasCards }: { hasCards: boolean }) {
  const { page } = useAuthoring()
  const run = useRun()
  const isRaw = useStore(page, (state) => state.isRaw)
  const isDrawerFolded = useStore(page, (state) => state.isDrawerFolded)
  const isSideFolded = useStore(page, (state) => state.isSideFolded)
  const keys = usePageKeys()
  const showsFiles = isRaw || !hasCards
  return (
    // biome-ignore lint/a11y/noStaticElementInteractions: keys of the whole page end here.
    <div className={styles.page} onKeyDown={keys}>
      <h1 className="visually-hidden">{baseName(useAuthoring().session.path)}</h1>
      <div className={styles.work}>
        <Splitter
          direction="vertical"
          label="Height of the results"
          storageKey="authoring-drawer"
          sized="second"
          initial={196}
          min={100}
          minRest={160}
          folded={isDrawerFolded}
          onFoldedChange={(folded) => page.setState({ isDrawerFolded: folded })}
        >
          <Splitter
            direction="horizontal"
            label="Width of files and graph"
            storageKey="authoring-side"
            sized="second"
            initial={396}
            min={240}
            minRest={420}
            folded={isSideFolded}
            onFoldedChange={(folded) => page.setState({ isSideFolded: folded })}
          >
            <div className={styles.main}>
              <Toolbar />
              <Bars />
              <div className={styles.content}>
                {hasCards && <CardList isHidden={showsFiles} />}
                {showsFiles && <FileTabs onRun={() => void run.flow()} />}
              </div>
            </div>
            <Side />
          </Splitter>
          <Drawer />
        </Splitter>
      </div>
      {isDrawerFolded && <FoldedDrawer />}
      <TopBarEnd>
        <Present path={useAuthoring().session.path} what="flow" />
        <SaveIndicator />
      </TopBarEnd>
    </div>
  )
}

function Side() {
  const { page } = useAuthoring()
  const isChatOpen = useStore(page, (state) => state.isChatOpen)
  if (isChatOpen) return <ChatPanel />
  return <SidePane />
}

function NoFlow() {
  const { session } = useAuthoring()
  const folder = useQuery({ ...entryQuery(session.path), retry: false })
  const isGone = folder.error instanceof ApiError && folder.error.status === 404
  const name = baseName(session.path)
  useMissingRefresh(session)
  if (folder.isPending) return null
  if (isGone) {
    return (
      <EmptyState
        heading="h1"
        title={`There is no flow ‘${name}’`}
        actions={
          <Link to="/flows" className={buttonClass()}>
            Go to Flows
          </Link>
        }
      >
        Nothing is at {session.path}. It may have been renamed or deleted; deleted flows stay in the trash for a while.
      </EmptyState>
    )
  }
  return (
    <EmptyState
      heading="h1"
      title={`‘${name}’ is not a flow`}
      actions={
        <>
          <Link to="/files/$" params={{ _splat: session.path }} className={buttonClass()}>
            Show its files
          </Link>
          <Link to="/flows" className={buttonClass()}>
            Go to Flows
          </Link>
        </>
      }
    >
      The folder {session.path} has no flow.dag.yaml. A flow is described in that file.
    </EmptyState>
  )
}

/** The file may come back: a restore from the trash, a checkout. */
function useMissingRefresh(session: FlowSession): void {
  const refresh = useEffectEvent(() => void session.flowFile.load())
  useEffect(() => {
    const timer = setInterval(() => refresh(), 10_000)
    return () => clearInterval(timer)
  }, [])
}

function PageSkeleton() {
  return (
    <div className={styles.skeleton} aria-busy="true">
      <Skeleton width={320} height={28} />
      <div className={styles.skeletonRow}>
        <Skeleton width="100%" height={120} />
        <Skeleton width="100%" height={120} />
      </div>
      <Skeleton width="100%" height={220} />
      <Skeleton width="100%" height={220} />
    </div>
  )
}
