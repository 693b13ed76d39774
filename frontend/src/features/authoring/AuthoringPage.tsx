import { useQuery } from '@tanstack/react-query'
import { Link, useSearch } from '@tanstack/react-router'
import { lazy, Suspense, useEffect, useEffectEvent, useMemo, useState } from 'react'
import { useStore } from 'zustand'
import { ApiError } from '../../api/errors'
import { useEvents } from '../../api/events'
import { entryQuery } from '../../api/files'
import { type Flow, flowQuery } from '../../api/flows'
import { gitStatusQuery } from '../../api/git'
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
import type { FlowModel } from '../../yaml/flow'
import styles from './AuthoringPage.module.css'
import { Bars } from './Bars'
import { CardList } from './cards/CardList'
import { Drawer, FoldedDrawer } from './drawer/Drawer'
import { FileTabs } from './files/FileTabs'
import { runStoreOf } from './run/runStore'
import { RunProvider, useRun } from './run/useRun'
import { SaveIndicator } from './SaveIndicator'
import { SidePane } from './SidePane'
import { AuthoringContext, useAuthoring, useFileState, useFlowView, useKind } from './state/context'
import { FlowSession } from './state/FlowSession'
import { createPageStore, type PageStore } from './state/pageStore'
import { Toolbar } from './Toolbar'
import { usePageKeys } from './usePageKeys'

const ChatPanel = lazy(() => import('./chat/ChatPanel').then((module) => ({ default: module.ChatPanel })))
const FlowGit = lazy(() => import('../git/pages').then((module) => ({ default: module.FlowGit })))
const FlowGitMain = lazy(() => import('../git/pages').then((module) => ({ default: module.FlowGitMain })))
const EntryForm = lazy(() => import('./entry/EntryForm').then((module) => ({ default: module.EntryForm })))

void import('../editor/CodeEditor') // Needed on almost every visit: fetched while the flow is.

const foldedKey = 'authoring:folded'

/** The page on which a flow is written and tried. */
export function AuthoringPage({ path }: { path: string }) {
  const [session] = useState(() => new FlowSession(path))
  const [page] = useState(() => {
    const folds = { isDrawerFolded: false, isSideFolded: false, ...remembered(foldedKey, {}) }
    return createPageStore(folds, session.opened.getState().flowFile)
  })
  const info = useQuery({ ...flowQuery(path), placeholderData: (previous) => previous })
  const owner = ownerOf(path)
  const readOnly = info.data && !info.data.writable ? `This flow belongs to ${owner}, so you cannot change it.` : null
  const authoring = useMemo(
    () => ({ session, page, runs: runStoreOf(path), readOnly }),
    [session, page, path, readOnly],
  )
  useOpenFiles(session, page)
  useEvents([session.path], (event) => session.receive(event))
  useLeaving(session)
  useRememberedFolds(page)
  useKnown(session, page, info.data)
  return (
    <AuthoringContext value={authoring}>
      <Breadcrumb crumbs={[{ label: 'Flows', to: '/flows' }, { label: owner ?? 'Share' }, { label: baseName(path) }]} />
      <RunProvider>
        <Content isPending={info.isPending} onRetry={() => void info.refetch()} />
      </RunProvider>
    </AuthoringContext>
  )
}

/** What the studio reads out of the files; a flow without nodes opens with its flow file and its source. */
function useKnown(session: FlowSession, page: PageStore, info: Flow | undefined): void {
  useEffect(() => {
    if (!info) return
    const before = session.opened.getState()
    session.know(info)
    const { kind, flowFile } = session.opened.getState()
    if (kind === 'dag' || (before.kind === kind && before.flowFile === flowFile)) return
    const source = info.entry?.file
    const tabs = source ? [flowFile, source] : [flowFile]
    page.setState({ isRaw: true, tabs, tab: source ?? flowFile })
  }, [session, page, info])
}

/** Others see that this flow is open here, and in raw file mode which file. */
function useOpenFiles({ address, path }: FlowSession, page: PageStore): void {
  const tab = useStore(page, ({ isRaw, tab }) => (isRaw ? tab : ''))
  const file = joinPath(path, tab)
  useOpen(tab === '' || file === address ? [address] : [address, file])
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
  return <Workbench model={view.model} />
}

function Workbench({ model }: { model: FlowModel | null }) {
  const { page, session } = useAuthoring()
  const hasCards = useKind() === 'dag' && model !== null
  const run = useRun()
  const isRaw = useStore(page, (state) => state.isRaw)
  const isDrawerFolded = useStore(page, (state) => state.isDrawerFolded)
  const isSideFolded = useStore(page, (state) => state.isSideFolded)
  const keys = usePageKeys()
  const showsFiles = isRaw || !hasCards
  const { data: git } = useQuery(gitStatusQuery(session.path))
  const showsGit = 'git' in useSearch({ strict: false })
  return (
    // biome-ignore lint/a11y/noStaticElementInteractions: keys of the whole page end here.
    <div className={styles.page} onKeyDown={keys}>
      <h1 className="visually-hidden">{baseName(session.address)}</h1>
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
            {showsGit ? (
              <Suspense>
                {git?.repository && <FlowGit status={git} isQuiet />}
                <FlowGitMain />
              </Suspense>
            ) : (
              <div className={styles.main}>
                <Toolbar />
                <Bars />
                <Suspense>{git?.repository && <FlowGit status={git} />}</Suspense>
                <div className={styles.content}>
                  {hasCards && <CardList isHidden={showsFiles} />}
                  {showsFiles && <FileTabs onRun={() => void run.flow()} />}
                </div>
              </div>
            )}
            <Suspense>
              <Side />
            </Suspense>
          </Splitter>
          <Drawer />
        </Splitter>
      </div>
      {isDrawerFolded && <FoldedDrawer />}
      <TopBarEnd>
        <Present path={session.address} what="flow" />
        <SaveIndicator />
      </TopBarEnd>
    </div>
  )
}

function Side() {
  const { page } = useAuthoring()
  const isChatOpen = useStore(page, (state) => state.isChatOpen)
  const kind = useKind()
  if (isChatOpen) return <ChatPanel />
  return kind === 'dag' ? <SidePane /> : <SidePane below={<EntryForm />} />
}

function NoFlow() {
  const { session } = useAuthoring()
  const folder = useQuery({ ...entryQuery(session.address), retry: false })
  const isGone = folder.error instanceof ApiError && folder.error.status === 404
  const name = baseName(session.address)
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
        Nothing is at {session.address}. It may have been renamed or deleted; deleted flows stay in the trash for a
        while.
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
      The folder {session.path} has neither flow.dag.yaml nor flow.flex.yaml. A flow is described in such a file.
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
