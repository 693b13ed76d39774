import { useQuery } from '@tanstack/react-query'
import { endSession, type SignedIn, sessionsQuery } from '../../api/account'
import { Button } from '../../components/Button'
import { Chip } from '../../components/Chip'
import { DataTable } from '../../components/DataTable'
import { ErrorMessage } from '../../components/Note'
import { Time } from '../../components/Time'
import { toast } from '../../components/Toasts'
import { type Column, useTableLayout } from '../../components/tableState'
import styles from './AccountPage.module.css'
import { browserName } from './browserName'

async function end(session: SignedIn) {
  try {
    await endSession(session.id)
    toast.say(`${browserName(session.browser)} is signed out. What it has open ends within seconds.`)
  } catch (error) {
    toast.fail(error)
  }
}

const time = (id: string, title: string, of: (each: SignedIn) => string): Column<SignedIn> => ({
  id,
  title,
  width: 130,
  numeric: true,
  value: (each) => Date.parse(of(each)),
  cell: (each) => <Time at={of(each)} />,
})

const columns: readonly Column<SignedIn>[] = [
  {
    id: 'browser',
    title: 'Browser',
    fixed: true,
    value: (each) => browserName(each.browser),
    cell: (each) => (
      <span className={styles.named} title={each.browser}>
        {browserName(each.browser)}
        {each.is_this && <Chip tone="info">This browser</Chip>}
      </span>
    ),
  },
  {
    id: 'address',
    title: 'Address',
    width: 160,
    value: (each) => each.address,
    cell: (each) => <span className="mono secondary">{each.address || '–'}</span>,
  },
  time('used', 'Last used', (each) => each.last_used_at),
  time('since', 'Signed in', (each) => each.created_at),
  time('ends', 'Ends', (each) => each.expires_at),
  {
    id: 'end',
    title: 'Sign out',
    width: 110,
    numeric: true,
    value: () => '',
    cell: (each) => (
      <Button
        size="small"
        aria-label={`Sign out ${browserName(each.browser)}`}
        disabledReason={each.is_this ? 'This is the browser you are in. Sign out from the menu of your account.' : null}
        onClick={() => void end(each)}
      >
        Sign out
      </Button>
    ),
  },
]

/** The browsers in which one is signed in. */
export function SessionsSection() {
  const { data: sessions, error, refetch } = useQuery(sessionsQuery)
  const layout = useTableLayout('sessions', columns, { column: 'used', descending: true })
  return (
    <section aria-labelledby="sessions" className={styles.section}>
      <h2 id="sessions" className={styles.title}>
        Where you are signed in
      </h2>
      {error && <ErrorMessage error={error} title="The sessions could not be read." onRetry={() => void refetch()} />}
      {sessions && (
        <DataTable
          label="Sessions"
          rows={sessions}
          rowKey={(each) => each.id}
          rowName={(each) => browserName(each.browser)}
          layout={layout}
        />
      )}
    </section>
  )
}
