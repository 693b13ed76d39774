import { Link } from '@tanstack/react-router'
import type { FlowItem } from '../../api/flows'
import { Avatar } from '../../components/Avatar'
import { DataTable } from '../../components/DataTable'
import { FlowTypeIcon } from '../../components/Kind'
import { Time } from '../../components/Time'
import type { Column, TableLayout } from '../../components/tableState'
import styles from './FlowsPage.module.css'
import { folderOf, typeTitle } from './flowWords'
import type { useFlowActions } from './useFlowActions'

export const flowColumns: readonly Column<FlowItem>[] = [
  {
    id: 'name',
    title: 'Name',
    fixed: true,
    width: 300,
    value: (flow) => flow.name,
    cell: (flow) => (
      <Link to="/flows/$" params={{ _splat: flow.path }} className={styles.link} title={flow.path}>
        <FlowTypeIcon type={flow.type} />
        <span className="truncate">
          <span className="secondary">{folderOf(flow)}</span>
          {flow.name}
        </span>
      </Link>
    ),
  },
  {
    id: 'type',
    title: 'Type',
    width: 120,
    value: (flow) => typeTitle(flow),
    cell: (flow) => <span className="secondary">{typeTitle(flow)}</span>,
  },
  {
    id: 'owner',
    title: 'Owner',
    width: 180,
    value: (flow) => flow.owner,
    cell: (flow) => (
      <span className="row">
        <Avatar name={flow.owner} />
        <span className="truncate">{flow.owner}</span>
      </span>
    ),
  },
  {
    id: 'about',
    title: 'About',
    value: (flow) => about(flow),
    cell: (flow) => (
      <span className="secondary" title={about(flow)}>
        {about(flow) || '–'}
      </span>
    ),
  },
  {
    id: 'changed',
    title: 'Changed',
    width: 140,
    numeric: true,
    value: (flow) => Date.parse(flow.modified),
    cell: (flow) => (
      <span className="secondary">
        <Time at={flow.modified} />
      </span>
    ),
  },
]

function about(flow: FlowItem): string {
  const title = flow.display_name === flow.name ? '' : flow.display_name
  return [title, flow.description].filter(Boolean).join(': ').replace(/\s+/g, ' ')
}

interface FlowsTableProps {
  flows: readonly FlowItem[]
  layout: TableLayout<FlowItem>
  actions: ReturnType<typeof useFlowActions>
}

export function FlowsTable({ flows, layout, actions }: FlowsTableProps) {
  return (
    <DataTable
      label="Flows"
      rows={flows}
      rowKey={(flow) => flow.path}
      rowName={(flow) => flow.name}
      layout={layout}
      rowMenu={actions.menu}
      onRename={actions.startRenaming}
      onDelete={actions.remove}
      className={styles.table}
    />
  )
}
