import { useQuery, useSuspenseQuery } from '@tanstack/react-query'
import { useState } from 'react'
import { sessionQuery } from '../../api/session'
import { Button } from '../../components/Button'
import { Card } from '../../components/Card'
import { DataTable } from '../../components/DataTable'
import { Switch } from '../../components/Field'
import { ErrorMessage } from '../../components/Note'
import { Time } from '../../components/Time'
import { toast } from '../../components/Toasts'
import { type Column, useTableLayout } from '../../components/tableState'
import { classes } from '../../lib/classes'
import { formatDuration } from '../../lib/format'
import styles from '../status/SettingsPage.module.css'
import { allTerminalsQuery, endTerminal, switchTerminals, type TerminalInfo } from './terminals'

async function end(terminal: TerminalInfo) {
  await endTerminal(terminal.id).catch((error) => toast.fail(error, 'The terminal was not ended. '))
}

const columns: readonly Column<TerminalInfo>[] = [
  { id: 'owner', title: 'User', fixed: true, width: 160, value: ({ owner }) => owner, cell: ({ owner }) => owner },
  {
    id: 'folder',
    title: 'Started in',
    value: ({ folder }) => folder,
    cell: ({ folder }) => (
      <span className="mono" title={folder}>
        {folder}
      </span>
    ),
  },
  {
    id: 'started',
    title: 'Started',
    width: 140,
    numeric: true,
    value: ({ started_at }) => Date.parse(started_at),
    cell: ({ started_at }) => (
      <span className="secondary">
        <Time at={started_at} />
      </span>
    ),
  },
  {
    id: 'idle',
    title: 'Idle for',
    width: 110,
    numeric: true,
    value: ({ idle_seconds }) => idle_seconds,
    cell: ({ idle_seconds }) => (
      <span className="secondary">{idle_seconds < 1 ? 'In use' : formatDuration(idle_seconds)}</span>
    ),
  },
  {
    id: 'page',
    title: 'On a page',
    width: 110,
    value: ({ is_attached }) => (is_attached ? 'yes' : 'no'),
    cell: ({ is_attached }) => <span className="secondary">{is_attached ? 'Yes' : 'No'}</span>,
  },
  {
    id: 'end',
    title: 'End',
    width: 100,
    numeric: true,
    value: () => '',
    cell: (terminal) => (
      <Button size="small" aria-label={`End terminal of ${terminal.owner}`} onClick={() => void end(terminal)}>
        End
      </Button>
    ),
  },
]

/** For admins: everybody's terminals, and the switch for all. */
export function TerminalsSection() {
  const { data: session } = useSuspenseQuery(sessionQuery)
  return session?.role === 'admin' ? <Everyones /> : null
}

function Everyones() {
  const { data: list, error, refetch } = useQuery(allTerminalsQuery)
  const layout = useTableLayout('terminals', columns, { column: 'started', descending: true })
  const [isBusy, setBusy] = useState(false)
  async function turn(isOn: boolean) {
    setBusy(true)
    await switchTerminals(isOn).catch((problem) => toast.fail(problem, 'Terminals were not switched. '))
    setBusy(false)
  }
  return (
    <Card as="section" padded className={classes(styles.section, styles.wide)} aria-labelledby="terminals">
      <h2 id="terminals" className={styles.title}>
        Terminals
      </h2>
      {error && <ErrorMessage error={error} title="The terminals could not be read." onRetry={() => void refetch()} />}
      {list && (
        <div>
          <Switch
            label="Authors have terminals"
            checked={list.is_on}
            disabled={isBusy}
            onChange={(isOn) => void turn(isOn)}
          />
        </div>
      )}
      {list && list.terminals.length > 0 ? (
        <DataTable
          label="Terminals"
          rows={list.terminals}
          rowKey={({ id }) => id}
          rowName={({ owner, folder }) => `${owner} in ${folder}`}
          layout={layout}
        />
      ) : (
        list && <p className="secondary">Nobody has a terminal open.</p>
      )}
    </Card>
  )
}
