import { IconUser, IconUsers } from '@tabler/icons-react'
import { useQuery } from '@tanstack/react-query'
import { Link } from '@tanstack/react-router'
import { type Connection, type ConnectionType, connectionKey, trialQuery } from '../../api/connections'
import { DataTable } from '../../components/DataTable'
import type { MenuEntry } from '../../components/Menu'
import { StatusText } from '../../components/Status'
import { Time } from '../../components/Time'
import type { Column, TableLayout } from '../../components/tableState'
import { formatDuration } from '../../lib/format'
import { ConnectionIcon } from './ConnectionIcon'
import styles from './ConnectionsPage.module.css'
import { isDemo } from './draft'

function LastTrial({ connection }: { connection: Connection }) {
  const { data: trial } = useQuery(trialQuery(connectionKey(connection)))
  if (!trial) {
    return isDemo(connection) ? (
      <StatusText status="completed">Built in</StatusText>
    ) : (
      <StatusText status="not-run">Not tested</StatusText>
    )
  }
  if (!trial.ok) {
    return (
      <span title={trial.message}>
        <StatusText status="failed">Does not work</StatusText>
      </span>
    )
  }
  return <StatusText status="completed">{formatDuration(trial.milliseconds / 1000)}</StatusText>
}

/** The columns, with the types' titles. */
export function connectionColumns(types: readonly ConnectionType[]): readonly Column<Connection>[] {
  const title = (connection: Connection) =>
    isDemo(connection)
      ? 'Demo model'
      : (connection.custom_type ?? types.find((type) => type.type === connection.type)?.title ?? connection.type)
  const scope = (connection: Connection) => (connection.scope === 'workspace' ? 'Workspace' : 'Only me')
  return [
    {
      id: 'name',
      title: 'Name',
      fixed: true,
      value: (connection) => connection.name,
      cell: (connection) => (
        <Link to="/connections" search={{ open: connectionKey(connection) }} className={styles.name}>
          <ConnectionIcon type={connection.type} />
          <span className="truncate">{connection.name}</span>
        </Link>
      ),
    },
    {
      id: 'type',
      title: 'Type',
      width: 170,
      value: title,
      cell: (connection) => <span className="secondary">{title(connection)}</span>,
    },
    {
      id: 'scope',
      title: 'Scope',
      width: 120,
      value: scope,
      cell: (connection) => (
        <span className="row">
          {connection.scope === 'workspace' ? (
            <IconUsers size={14} stroke={1.5} aria-hidden />
          ) : (
            <IconUser size={14} stroke={1.5} aria-hidden />
          )}
          {scope(connection)}
        </span>
      ),
    },
    {
      id: 'trial',
      title: 'Last test',
      width: 140,
      value: () => '',
      cell: (connection) => <LastTrial connection={connection} />,
    },
    {
      id: 'changed',
      title: 'Changed',
      width: 110,
      numeric: true,
      value: (connection) => (connection.modified ? Date.parse(connection.modified) : 0),
      cell: (connection) => (
        <span className="secondary">
          <Time at={connection.modified} />
        </span>
      ),
    },
  ]
}

interface ConnectionsTableProps {
  connections: readonly Connection[]
  layout: TableLayout<Connection>
  selected: string | null
  menu: (connection: Connection) => MenuEntry[]
  onDelete: (connection: Connection) => void
}

export function ConnectionsTable({ connections, layout, selected, menu, onDelete }: ConnectionsTableProps) {
  return (
    <DataTable
      label="Connections"
      rows={connections}
      rowKey={connectionKey}
      rowName={(connection) => connection.name}
      layout={layout}
      selected={selected}
      rowMenu={menu}
      onDelete={onDelete}
    />
  )
}
