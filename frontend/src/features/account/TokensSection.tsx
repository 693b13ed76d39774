import { useQuery } from '@tanstack/react-query'
import { useState } from 'react'
import { type PersonalToken, revokeToken, scopeWords, tokensQuery } from '../../api/account'
import { Button } from '../../components/Button'
import { DataTable } from '../../components/DataTable'
import { EmptyState } from '../../components/EmptyState'
import { ErrorMessage } from '../../components/Note'
import { Time } from '../../components/Time'
import { toast } from '../../components/Toasts'
import { type Column, useTableLayout } from '../../components/tableState'
import styles from './AccountPage.module.css'
import { MakeTokenDialog } from './MakeTokenDialog'

const nameOf = (token: PersonalToken) => token.name || 'Without a name'

async function revoke(token: PersonalToken) {
  try {
    await revokeToken(token.id)
    toast.say(`The token ${nameOf(token)} works no more.`)
  } catch (error) {
    toast.fail(error)
  }
}

const columns: readonly Column<PersonalToken>[] = [
  { id: 'name', title: 'Token', fixed: true, value: nameOf, cell: nameOf },
  {
    id: 'scope',
    title: 'Scope',
    width: 110,
    value: (each) => each.scope,
    cell: (each) => <span title={scopeWords[each.scope]}>{each.scope}</span>,
  },
  {
    id: 'used',
    title: 'Last used',
    width: 130,
    numeric: true,
    value: (each) => (each.last_used_at ? Date.parse(each.last_used_at) : 0),
    cell: (each) => (each.last_used_at ? <Time at={each.last_used_at} /> : 'Never'),
  },
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
    id: 'revoke',
    title: 'Revoke',
    width: 110,
    numeric: true,
    value: () => '',
    cell: (each) => (
      <Button size="small" aria-label={`Revoke ${nameOf(each)}`} onClick={() => void revoke(each)}>
        Revoke
      </Button>
    ),
  },
]

/** Personal tokens, with which scripts and git sign in. */
export function TokensSection() {
  const { data: tokens, error, refetch } = useQuery(tokensQuery)
  const layout = useTableLayout('tokens', columns, { column: 'made', descending: true })
  const [isMaking, setMaking] = useState(false)
  const make = <Button onClick={() => setMaking(true)}>Make token</Button>
  return (
    <section aria-labelledby="tokens" className={styles.section}>
      <div className={styles.head}>
        <h2 id="tokens" className={styles.title}>
          Personal tokens
        </h2>
        {tokens && tokens.length > 0 && make}
      </div>
      {error && <ErrorMessage error={error} title="The tokens could not be read." onRetry={() => void refetch()} />}
      {tokens && tokens.length > 0 && (
        <DataTable label="Personal tokens" rows={tokens} rowKey={(each) => each.id} rowName={nameOf} layout={layout} />
      )}
      {tokens?.length === 0 && (
        <EmptyState title="No tokens" actions={make}>
          A token lets a script call the studio, or git clone and push, in your name.
        </EmptyState>
      )}
      {isMaking && <MakeTokenDialog onClose={() => setMaking(false)} />}
    </section>
  )
}
