import { IconUpload } from '@tabler/icons-react'
import { useQuery, useSuspenseQuery } from '@tanstack/react-query'
import { useNavigate, useSearch } from '@tanstack/react-router'
import { lazy, type RefObject, Suspense, useMemo, useRef } from 'react'
import { useEvents } from '../../api/events'
import { flowKeys, flowsQuery } from '../../api/flows'
import { galleryQuery } from '../../api/gallery'
import { queryClient } from '../../api/queryClient'
import { sessionQuery } from '../../api/session'
import { type Command, useCommands } from '../../app/commands'
import { Page } from '../../app/Page'
import { Breadcrumb } from '../../app/TopBar'
import { ErrorMessage } from '../../components/Note'
import { droppedEntries, walkEntries } from '../../lib/dropped'
import { useDelayed } from '../../lib/useDelayed'
import { CreateFlowDialog } from '../create/CreateFlowDialog'
import { tellImport } from '../import/dialogs'
import { ContinueCards } from './ContinueCards'
import { CreateButtons } from './CreateButtons'
import { FirstFlow } from './FirstFlow'
import { FlowDropArea } from './FlowDropArea'
import { FlowList } from './FlowList'
import styles from './FlowsPage.module.css'
import { FlowsSkeleton } from './FlowsSkeleton'
import { ImportProgress } from './ImportProgress'
import { startImport } from './importState'

const CloneDialog = lazy(() => import('../git/CloneDialog').then((module) => ({ default: module.CloneDialog })))

const aboutFlows =
  'A flow is a folder of prompts, Python and data that you test, measure and serve here. There is none yet; begin with one of these.'

/** Every flow of the share, and the ways to a new one. */
export function FlowsPage() {
  const { data: session } = useSuspenseQuery(sessionQuery)
  const flows = useQuery(flowsQuery)
  const gallery = useQuery(galleryQuery)
  const navigate = useNavigate()
  const { create } = useSearch({ from: '/frame/flows/' })
  const search = useRef<HTMLInputElement>(null)
  const isSlow = useDelayed(flows.isPending)
  const root = session?.studio.share_root
  useEvents(root ? [root] : [], () => void queryClient.invalidateQueries({ queryKey: flowKeys.list }))

  useFlowsCommands(search)

  const importDropped = useDroppedImport()
  if (!session) return null
  const isFirst = flows.data?.length === 0
  return (
    <FlowDropArea onFiles={importDropped}>
      <Breadcrumb crumbs={[{ label: 'Flows' }]} />
      <Page
        title="Flows"
        className={styles.page}
        about={isFirst && aboutFlows}
        actions={<CreateButtons galleryCount={gallery.data?.length} />}
      >
        <ImportProgress />
        {flows.error && (
          <ErrorMessage
            error={flows.error}
            title={flows.data ? 'The list may be old.' : 'The flows could not be read.'}
            onRetry={() => void flows.refetch()}
          />
        )}
        {isSlow && <FlowsSkeleton />}
        {isFirst && <FirstFlow gallery={gallery.data ?? []} />}
        {flows.data && !isFirst && (
          <>
            <ContinueCards flows={flows.data} />
            <FlowList flows={flows.data} me={session.username} search={search} />
            <DropHint />
          </>
        )}
      </Page>
      {create === 'clone' && (
        <Suspense>
          <CloneDialog into={session.studio.share_root} onClose={() => void navigate({ to: '/flows', search: {} })} />
        </Suspense>
      )}
      {create !== undefined && create !== 'clone' && (
        <CreateFlowDialog
          from={create}
          flows={flows.data ?? []}
          root={session.studio.share_root}
          onClose={() => void navigate({ to: '/flows', search: {} })}
        />
      )}
    </FlowDropArea>
  )
}

/** Makes a flow of what was dropped and goes there. */
function useDroppedImport() {
  const navigate = useNavigate()
  return async (transfer: DataTransfer) => {
    const entries = droppedEntries(transfer)
    const imported = await startImport((onFound) => walkEntries(entries, onFound))
    if (!imported) return
    void navigate({ to: '/flows/$', params: { _splat: imported.path } })
    void tellImport(imported)
  }
}

/** What the keys of this page do. */
function useFlowsCommands(search: RefObject<HTMLInputElement | null>): void {
  const navigate = useNavigate()
  const commands = useMemo(
    (): Command[] => [
      {
        id: 'create flow',
        group: 'Flows',
        label: 'Create flow',
        keys: 'N',
        run: () => void navigate({ to: '/flows', search: { create: 'standard' } }),
      },
      { id: 'search flows', group: 'Flows', label: 'Search flows', keys: '/', run: () => search.current?.focus() },
    ],
    [navigate, search],
  )
  useCommands(commands)
}

function DropHint() {
  return (
    <p className={styles.hint}>
      <IconUpload size={16} stroke={1.5} aria-hidden />
      <span>
        <strong>Drop a flow folder or a zip anywhere on this page.</strong> It becomes a new flow of yours; nothing in
        it runs.
      </span>
    </p>
  )
}
