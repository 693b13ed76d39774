import { useQuery } from '@tanstack/react-query'
import { useMemo } from 'react'
import { restoreEntry } from '../../api/files'
import { forgetFlows } from '../../api/flows'
import { queryClient } from '../../api/queryClient'
import { type TrashEntry, trashQuery } from '../../api/status'
import { Button } from '../../components/Button'
import { Card } from '../../components/Card'
import { DataTable } from '../../components/DataTable'
import { ErrorMessage } from '../../components/Note'
import { Time } from '../../components/Time'
import { toast } from '../../components/Toasts'
import { type Column, useTableLayout } from '../../components/tableState'
import { classes } from '../../lib/classes'
import styles from './SettingsPage.module.css'

async function restore(entry: TrashEntry) {
  try {
    const { path } = await restoreEntry(entry.id)
    toast.say(`Back at ${path}.`)
  } catch (error) {
    toast.fail(error, `${entry.name} was not restored. `)
  }
  await Promise.all([forgetFlows(), queryClient.invalidateQueries({ queryKey: trashQuery.queryKey })])
}

const columns: readonly Column<TrashEntry>[] = [
  {
    id: 'path',
    title: 'Was at',
    fixed: true,
    value: (entry) => entry.path,
    cell: (entry) => <span title={entry.path}>{entry.path}</span>,
  },
  {
    id: 'by',
    title: 'Deleted by',
    width: 140,
    value: (entry) => entry.deleted_by,
    cell: (entry) => <span className="secondary">{entry.deleted_by}</span>,
  },
  {
    id: 'deleted',
    title: 'Deleted',
    width: 130,
    numeric: true,
    value: (entry) => Date.parse(entry.deleted),
    cell: (entry) => (
      <span className="secondary">
        <Time at={entry.deleted} />
      </span>
    ),
  },
  {
    id: 'restore',
    title: 'Bring back',
    width: 120,
    numeric: true,
    value: () => '',
    cell: (entry) => (
      <Button size="small" aria-label={`Restore ${entry.name}`} onClick={() => void restore(entry)}>
        Restore
      </Button>
    ),
  },
]

/** What was deleted in the last 30 days. */
export function TrashSection() {
  const { data: entries, error, refetch } = useQuery(trashQuery)
  const layout = useTableLayout('trash', columns, { column: 'deleted', descending: true })
  const rows = useMemo(() => entries ?? [], [entries])
  return (
    <Card as="section" padded className={classes(styles.section, styles.wide)} aria-labelledby="trash">
      <h2 id="trash" className={styles.title}>
        Trash
      </h2>
      <p className="secondary">What is deleted can be brought back for 30 days.</p>
      {error && <ErrorMessage error={error} title="The trash could not be read." onRetry={() => void refetch()} />}
      {rows.length > 0 ? (
        <DataTable
          label="Trash"
          rows={rows}
          rowKey={(entry) => entry.id}
          rowName={(entry) => entry.name}
          layout={layout}
        />
      ) : (
        entries && <p>The trash is empty.</p>
      )}
    </Card>
  )
}
