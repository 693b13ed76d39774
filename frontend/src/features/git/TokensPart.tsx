import { useQuery } from '@tanstack/react-query'
import { type FormEvent, useState } from 'react'
import { Button } from '../../components/Button'
import { TextField } from '../../components/Field'
import { ErrorMessage } from '../../components/Note'
import { Time } from '../../components/Time'
import { toast } from '../../components/Toasts'
import { type GitCredential, useRemoveCredential, useStoreToken } from './credentials'
import { credentialsQuery } from './requests'
import styles from './settings.module.css'

/** One's tokens by host, and adding one. */
export function TokensPart() {
  const { data, error, refetch } = useQuery(credentialsQuery)
  const removing = useRemoveCredential()
  const tokens = data?.credentials.filter((item) => item.kind === 'token') ?? []
  return (
    <section className={styles.part} aria-labelledby="git-tokens">
      <h3 id="git-tokens" className="section-title">
        Tokens
      </h3>
      {error && <ErrorMessage error={error} title="Your tokens could not be read." onRetry={() => void refetch()} />}
      {data && tokens.length === 0 && <p className="secondary">None. Private repositories over HTTPS want one.</p>}
      {tokens.length > 0 && (
        <ul className={styles.list} aria-label="Tokens">
          {tokens.map((token) => (
            <Token key={token.id} token={token} onRemove={() => removing.mutate(token.id)} />
          ))}
        </ul>
      )}
      {removing.error && <ErrorMessage error={removing.error} title="It was not removed." />}
      <AddToken />
    </section>
  )
}

function Token({ token, onRemove }: { token: GitCredential; onRemove: () => void }) {
  return (
    <li className={styles.item}>
      <span className={styles.about}>
        <span className="mono">{token.origin}</span>
        <span className="small secondary">
          {token.username && `As ${token.username}. `}
          {token.last_used_at ? (
            <>
              Used <Time at={token.last_used_at} />
            </>
          ) : (
            'Never used'
          )}
        </span>
      </span>
      <Button size="small" aria-label={`Remove the token of ${token.origin}`} onClick={onRemove}>
        Remove
      </Button>
    </li>
  )
}

const nothing = { host: '', username: '', token: '' }

function AddToken() {
  const [typed, setTyped] = useState(nothing)
  const storing = useStoreToken(() => {
    setTyped(nothing)
    toast.say('The token was stored.')
  })
  const set = (part: Partial<typeof nothing>) => {
    storing.reset()
    setTyped({ ...typed, ...part })
  }
  const reason = typed.host.trim() === '' || typed.token === '' ? 'Enter a host and a token.' : null
  const submit = (event: FormEvent) => {
    event.preventDefault()
    if (reason === null) storing.mutate(typed)
  }
  return (
    <form className={styles.part} onSubmit={submit} autoComplete="off">
      <div className={styles.fields}>
        <TextField
          label="Host"
          placeholder="git.example.org"
          value={typed.host}
          onChange={(host) => set({ host })}
          spellCheck={false}
        />
        <TextField
          label="User name there"
          value={typed.username}
          onChange={(username) => set({ username })}
          autoComplete="off"
          spellCheck={false}
        />
        <TextField
          label="Token"
          type="password"
          value={typed.token}
          onChange={(token) => set({ token })}
          autoComplete="new-password"
        />
      </div>
      {storing.error && <ErrorMessage error={storing.error} title="The token was not stored." />}
      <div>
        <Button type="submit" busy={storing.isPending} disabledReason={reason}>
          Add token
        </Button>
      </div>
    </form>
  )
}
