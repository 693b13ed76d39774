import { IconChevronDown, IconLock, IconPlus, IconTrash } from '@tabler/icons-react'
import { useQuery, useSuspenseQuery } from '@tanstack/react-query'
import { useNavigate, useSearch } from '@tanstack/react-router'
import { useMemo, useState } from 'react'
import {
  type Connection,
  type ConnectionType,
  connectionKey,
  connectionsQuery,
  connectionTypesQuery,
  tryConnection,
} from '../../api/connections'
import { sessionQuery } from '../../api/session'
import { Page } from '../../app/Page'
import { Breadcrumb } from '../../app/TopBar'
import { Button } from '../../components/Button'
import { SearchField, SegmentedControl } from '../../components/Field'
import { Menu, type MenuEntry } from '../../components/Menu'
import { ErrorMessage } from '../../components/Note'
import { Skeleton } from '../../components/Skeleton'
import { Splitter } from '../../components/Splitter'
import { toast } from '../../components/Toasts'
import { useTableLayout } from '../../components/tableState'
import { matches } from '../../lib/match'
import { useDelayed } from '../../lib/useDelayed'
import { ConnectionIcon } from './ConnectionIcon'
import { ConnectionPanel } from './ConnectionPanel'
import styles from './ConnectionsPage.module.css'
import { ConnectionsTable, connectionColumns } from './ConnectionsTable'
import { deleteLater, usePendingDeletes } from './pendingDeletes'

type Whose = 'all' | 'user' | 'workspace'

/** Connections to model servers and services; one is open beside the list. */
export function ConnectionsPage() {
  const { data: session } = useSuspenseQuery(sessionQuery)
  const { data: types = [] } = useQuery(connectionTypesQuery)
  const connections = useQuery(connectionsQuery)
  const pending = usePendingDeletes((state) => state.keys)
  const { open, create } = useSearch({ from: '/frame/connections' })
  const navigate = useNavigate()
  const shown = useMemo(
    () => (connections.data ?? []).filter((each) => !pending.has(connectionKey(each))),
    [connections.data, pending],
  )
  const opened = shown.find((each) => connectionKey(each) === open) ?? null
  const openedType = types.find((type) => type.type === (opened?.type ?? create))
  const show = (search: { open?: string; create?: string }) => void navigate({ to: '/connections', search })
  const remove = (connection: Connection) => {
    if (connection.read_only) return
    deleteLater(connection)
    if (connectionKey(connection) === open) show({})
  }

  const list = (
    <ConnectionList
      types={types}
      connections={shown}
      isPending={connections.isPending}
      error={connections.error}
      onRetry={() => void connections.refetch()}
      selected={open ?? null}
      onCreate={(type) => show({ create: type })}
      onOpen={(connection) => show({ open: connectionKey(connection) })}
      onDelete={remove}
    />
  )
  return (
    <>
      <Breadcrumb crumbs={[{ label: 'Connections' }]} />
      <Splitter
        direction="horizontal"
        label="Width of the connection"
        storageKey="connections"
        sized="second"
        initial={500}
        min={400}
        minRest={360}
        folded={!openedType}
      >
        {list}
        {openedType && (
          <ConnectionPanel
            key={opened ? connectionKey(opened) : `new ${openedType.type}`}
            type={openedType}
            connection={opened}
            isAdmin={session?.role === 'admin'}
            onSaved={(saved) => show({ open: connectionKey(saved) })}
            onDelete={remove}
            onClose={() => show({})}
          />
        )}
      </Splitter>
    </>
  )
}

interface ConnectionListProps {
  types: readonly ConnectionType[]
  connections: readonly Connection[]
  isPending: boolean
  error: unknown
  onRetry: () => void
  selected: string | null
  onCreate: (type: string) => void
  onOpen: (connection: Connection) => void
  onDelete: (connection: Connection) => void
}

const common = ['azure_open_ai', 'open_ai', 'cognitive_search', 'custom']

function ConnectionList(props: ConnectionListProps) {
  const { types, connections, selected, onCreate } = props
  const [query, setQuery] = useState('')
  const [whose, setWhose] = useState<Whose>('all')
  const columns = useMemo(() => connectionColumns(types), [types])
  const layout = useTableLayout('connections', columns, { column: 'name', descending: false })
  const isSlow = useDelayed(props.isPending)
  const count = (scope: Whose) => connections.filter((each) => each.scope === scope).length
  const shown = connections.filter(
    (each) => (whose === 'all' || each.scope === whose) && matches(query, `${each.name} ${each.type}`),
  )
  const createEntries = types.map(({ type, title }) => ({
    label: title,
    icon: <ConnectionIcon type={type} />,
    onSelect: () => onCreate(type),
  }))

  const menu = (connection: Connection): MenuEntry[] => [
    { label: 'Open', onSelect: () => props.onOpen(connection) },
    {
      label: 'Test connection',
      onSelect: () => void tryConnection(connection).catch((error: unknown) => toast.fail(error)),
    },
    'line',
    {
      label: 'Delete',
      icon: <IconTrash size={16} stroke={1.5} aria-hidden />,
      danger: true,
      disabledReason: connection.read_only ? 'Read-only' : null,
      onSelect: () => props.onDelete(connection),
    },
  ]

  return (
    <Page
      title="Connections"
      actions={
        <Menu entries={[{ heading: 'Type' }, ...createEntries]} position="bottom-end" width={256}>
          <Button variant="primary" icon={<IconPlus size={16} stroke={1.5} aria-hidden />}>
            Create connection
            <IconChevronDown size={12} stroke={2} aria-hidden />
          </Button>
        </Menu>
      }
    >
      <div className={styles.tools}>
        <div className={styles.search}>
          <SearchField label="Search connections" placeholder="Find a connection" value={query} onChange={setQuery} />
        </div>
        <SegmentedControl
          label="Whose connections"
          value={whose}
          onChange={setWhose}
          options={[
            { value: 'all', label: 'All', count: connections.length },
            { value: 'user', label: 'Mine', count: count('user') },
            { value: 'workspace', label: 'Workspace', count: count('workspace') },
          ]}
        />
      </div>
      {props.error ? (
        <ErrorMessage error={props.error} title="The connections could not be read." onRetry={props.onRetry} />
      ) : null}
      {isSlow && <Skeleton width="100%" height={128} />}
      {!props.isPending && shown.length === 0 && <p className="secondary">No connection matches.</p>}
      {shown.length > 0 && (
        <ConnectionsTable
          connections={shown}
          layout={layout}
          selected={selected}
          menu={menu}
          onDelete={props.onDelete}
        />
      )}
      <CreateByType types={types} onCreate={onCreate} />
      <p className={styles.foot}>
        <IconLock size={14} stroke={1.5} aria-hidden />
        Secrets are encrypted on this server. They are in no flow folder, export, log or trace, and nobody is shown one
        again.
      </p>
    </Page>
  )
}

function CreateByType({ types, onCreate }: Pick<ConnectionListProps, 'types' | 'onCreate'>) {
  return (
    <section aria-labelledby="create-by-type">
      <h2 id="create-by-type" className="section-title">
        Create by type
      </h2>
      <ul className={styles.types}>
        {types
          .filter((type) => common.includes(type.type))
          .map((type) => (
            <li key={type.type}>
              <button type="button" className={styles.type} onClick={() => onCreate(type.type)}>
                <ConnectionIcon type={type.type} />
                <span className="medium truncate">{type.title}</span>
              </button>
            </li>
          ))}
      </ul>
    </section>
  )
}
