import { IconArrowRight, IconDownload, IconHistory, IconTrash } from '@tabler/icons-react'
import { Link, useNavigate } from '@tanstack/react-router'
import { useMemo } from 'react'
import { restoreEntry } from '../../api/files'
import { deleteFlow, forgetFlows } from '../../api/flows'
import { type FlowUse, forgetSpace, type UserUse } from '../../api/space'
import { Card } from '../../components/Card'
import { DataTable } from '../../components/DataTable'
import { EmptyState } from '../../components/EmptyState'
import type { MenuEntry } from '../../components/Menu'
import { toast } from '../../components/Toasts'
import { type Column, useTableLayout } from '../../components/tableState'
import { formatBytes, formatCount } from '../../lib/format'
import { baseName, ownerOf } from '../../lib/paths'
import { exportFolder } from '../import/exportFolder'
import styles from './SpacePage.module.css'

const columns: readonly Column<FlowUse>[] = [
  {
    id: 'flow',
    title: 'Flow',
    fixed: true,
    value: (flow) => baseName(flow.path),
    cell: (flow) => (
      <Link to="/flows/$" params={{ _splat: flow.path }} className="truncate" title={flow.path}>
        {baseName(flow.path)}
      </Link>
    ),
  },
  {
    id: 'owner',
    title: 'Owner',
    width: 180,
    value: (flow) => ownerOf(flow.path) ?? '',
    cell: (flow) => <span className="secondary">{ownerOf(flow.path)}</span>,
  },
  {
    id: 'files',
    title: 'Number of files',
    width: 140,
    numeric: true,
    value: (flow) => flow.files,
    cell: (flow) => formatCount(flow.files),
  },
  {
    id: 'size',
    title: 'Size',
    width: 120,
    numeric: true,
    value: (flow) => flow.bytes,
    cell: (flow) => formatBytes(flow.bytes),
  },
]

async function remove(flow: FlowUse): Promise<void> {
  const name = baseName(flow.path)
  try {
    const id = await deleteFlow(flow.path)
    toast.undo(`${name} is in the trash. Empty the trash to free its room.`, async () => {
      await restoreEntry(id)
      await Promise.all([forgetFlows(), forgetSpace()])
    })
  } catch (error) {
    toast.fail(error, `${name} was not deleted. `)
  }
  await forgetSpace()
}

interface FlowUsesProps {
  users: readonly UserUse[]
  me: string
  isAdmin: boolean
}

/** Use by flow, the largest first. */
export function FlowUses({ users, me, isAdmin }: FlowUsesProps) {
  const navigate = useNavigate()
  const flows = useMemo(() => users.flatMap((user) => user.flows), [users])
  const layout = useTableLayout('space flows', columns, { column: 'size', descending: true })
  const icon = { size: 16, stroke: 1.5, 'aria-hidden': true } as const
  const menu = (flow: FlowUse): MenuEntry[] => [
    {
      label: 'Open',
      icon: <IconArrowRight {...icon} />,
      onSelect: () => void navigate({ to: '/flows/$', params: { _splat: flow.path } }),
    },
    {
      label: 'History',
      icon: <IconHistory {...icon} />,
      onSelect: () => void navigate({ to: '/history/$', params: { _splat: flow.path } }),
    },
    { label: 'Export', icon: <IconDownload {...icon} />, onSelect: () => exportFolder(flow.path) },
    'line',
    {
      label: 'Delete',
      icon: <IconTrash {...icon} />,
      danger: true,
      disabledReason: isAdmin || ownerOf(flow.path) === me ? null : 'Only its owner can',
      onSelect: () => void remove(flow),
    },
  ]
  return (
    <Card as="section" padded className={styles.section} aria-labelledby="flows-use">
      <h2 id="flows-use" className={styles.title}>
        By flow
      </h2>
      {flows.length === 0 ? (
        <EmptyState heading="p" title="No flow yet">
          Each flow is listed here with the room it takes.
        </EmptyState>
      ) : (
        <DataTable
          label="Use by flow"
          rows={flows}
          rowKey={(flow) => flow.path}
          rowName={(flow) => baseName(flow.path)}
          rowMenu={menu}
          layout={layout}
        />
      )}
    </Card>
  )
}
