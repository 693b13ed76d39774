import { useQuery, useSuspenseQuery } from '@tanstack/react-query'
import { useMemo, useState } from 'react'
import { type LinkMade, type Person, peopleQuery } from '../../api/people'
import { sessionQuery } from '../../api/session'
import { Page } from '../../app/Page'
import { Breadcrumb } from '../../app/TopBar'
import { Button } from '../../components/Button'
import { DataTable } from '../../components/DataTable'
import { ErrorMessage, Note } from '../../components/Note'
import { useTableLayout } from '../../components/tableState'
import { useDelayed } from '../../lib/useDelayed'
import { CreatePersonDialog } from './CreatePersonDialog'
import { InvitationsSection } from './InvitationsSection'
import { InviteDialog } from './InviteDialog'
import styles from './PeoplePage.module.css'
import { peopleColumns } from './peopleColumns'
import { personMenu } from './personMenu'
import { RemovePersonDialog } from './RemovePersonDialog'
import { ResetLinkDialog } from './ResetLinkDialog'

type Open =
  | { kind: 'invite' | 'create' }
  | { kind: 'remove'; username: string }
  | { kind: 'reset'; username: string; made: LinkMade }

/** Who works here, and for admins: who may what, and who else may come. */
export function PeoplePage() {
  const { data: session } = useSuspenseQuery(sessionQuery)
  const isAdmin = session?.role === 'admin'
  const [open, setOpen] = useState<Open | null>(null)
  const close = () => setOpen(null)
  return (
    <>
      <Breadcrumb crumbs={[{ label: 'Settings', to: '/settings' }, { label: 'People' }]} />
      <Page
        title="People"
        about="Everyone here reads the whole share. Authors write below their own folder, admins everywhere."
        actions={
          isAdmin && (
            <>
              <Button onClick={() => setOpen({ kind: 'create' })}>Create account</Button>
              <Button variant="primary" onClick={() => setOpen({ kind: 'invite' })}>
                Invite people
              </Button>
            </>
          )
        }
      >
        {session && <Table own={session.username} isAdmin={isAdmin} onOpen={setOpen} />}
        {isAdmin && <InvitationsSection />}
      </Page>
      {open?.kind === 'invite' && <InviteDialog onClose={close} />}
      {open?.kind === 'create' && <CreatePersonDialog onClose={close} />}
      {open?.kind === 'remove' && <RemovePersonDialog username={open.username} onClose={close} />}
      {open?.kind === 'reset' && <ResetLinkDialog username={open.username} made={open.made} onClose={close} />}
    </>
  )
}

function Table({ own, isAdmin, onOpen }: { own: string; isAdmin: boolean; onOpen: (open: Open) => void }) {
  const { data: people, error, refetch } = useQuery(peopleQuery)
  const columns = useMemo(() => peopleColumns(own, isAdmin), [own, isAdmin])
  const layout = useTableLayout<Person>('people', columns, { column: 'name', descending: false })
  const isLate = useDelayed(people === undefined && !error)
  if (error) return <ErrorMessage error={error} title="The people could not be read." onRetry={() => void refetch()} />
  if (!people) return isLate ? <p role="status">Reading who works here…</p> : null
  const menuOf = (person: Person) =>
    personMenu(person, {
      isOnlyAdmin: people.every((each) => each === person || each.is_disabled || each.role !== 'admin'),
      onRemove: () => onOpen({ kind: 'remove', username: person.username }),
      onReset: (made) => onOpen({ kind: 'reset', username: person.username, made }),
    })
  return (
    <section aria-label="People" className={styles.section}>
      <DataTable
        label="People"
        rows={people}
        rowKey={(person) => person.username}
        rowName={(person) => person.username}
        layout={layout}
        {...(isAdmin ? { rowMenu: menuOf } : {})}
      />
      {people.length === 1 && isAdmin && (
        <Note>Nobody else works here yet. An invitation is a link by which somebody makes their own account.</Note>
      )}
    </section>
  )
}
