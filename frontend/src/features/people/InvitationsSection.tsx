import { useQuery } from '@tanstack/react-query'
import { type Invitation, invitationsQuery, withdrawInvitation } from '../../api/people'
import { Button } from '../../components/Button'
import { DataTable } from '../../components/DataTable'
import { ErrorMessage } from '../../components/Note'
import { Time } from '../../components/Time'
import { toast } from '../../components/Toasts'
import { type Column, useTableLayout } from '../../components/tableState'
import styles from './PeoplePage.module.css'

const nameOf = (invitation: Invitation) => invitation.username ?? 'Whoever has the link'

async function withdraw(invitation: Invitation) {
  try {
    await withdrawInvitation(invitation.id)
    toast.say('The link of this invitation works no more.')
  } catch (error) {
    toast.fail(error, 'The invitation was not withdrawn. ')
  }
}

const columns: readonly Column<Invitation>[] = [
  { id: 'for', title: 'For', fixed: true, value: nameOf, cell: nameOf },
  { id: 'role', title: 'Role', width: 110, value: (each) => each.role, cell: (each) => each.role },
  { id: 'by', title: 'Invited by', width: 160, value: (each) => each.invited_by, cell: (each) => each.invited_by },
  {
    id: 'made',
    title: 'Made',
    width: 130,
    numeric: true,
    value: (each) => Date.parse(each.created_at),
    cell: (each) => <Time at={each.created_at} />,
  },
  {
    id: 'ends',
    title: 'Ends',
    width: 130,
    numeric: true,
    value: (each) => Date.parse(each.expires_at),
    cell: (each) => <Time at={each.expires_at} />,
  },
  {
    id: 'withdraw',
    title: 'Withdraw',
    width: 120,
    numeric: true,
    value: () => '',
    cell: (each) => (
      <Button
        size="small"
        aria-label={`Withdraw the invitation of ${nameOf(each)}`}
        onClick={() => void withdraw(each)}
      >
        Withdraw
      </Button>
    ),
  },
]

/** Invitations that nobody has accepted yet. */
export function InvitationsSection() {
  const { data: invitations, error, refetch } = useQuery(invitationsQuery)
  const layout = useTableLayout('invitations', columns, { column: 'made', descending: true })
  if (error)
    return <ErrorMessage error={error} title="The invitations could not be read." onRetry={() => void refetch()} />
  if (!invitations || invitations.length === 0) return null
  return (
    <section aria-labelledby="invitations" className={styles.section}>
      <h2 id="invitations" className={styles.title}>
        Open invitations
      </h2>
      <DataTable
        label="Open invitations"
        rows={invitations}
        rowKey={(each) => each.id}
        rowName={nameOf}
        layout={layout}
      />
    </section>
  )
}
