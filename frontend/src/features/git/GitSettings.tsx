import { useMutation, useQuery, useSuspenseQuery } from '@tanstack/react-query'
import { type FormEvent, useEffect, useRef, useState } from 'react'
import { sessionQuery } from '../../api/session'
import { Button } from '../../components/Button'
import { Card } from '../../components/Card'
import { TextField } from '../../components/Field'
import { ErrorMessage } from '../../components/Note'
import { Skeleton } from '../../components/Skeleton'
import { toast } from '../../components/Toasts'
import { classes } from '../../lib/classes'
import { useDelayed } from '../../lib/useDelayed'
import page from '../status/SettingsPage.module.css'
import { HostsPart } from './HostsPart'
import { identityQuery, setIdentity } from './requests'
import { SshKeyPart } from './SshKeyPart'
import styles from './settings.module.css'
import { TokensPart } from './TokensPart'

/** What one's commits bear, and what git signs in with at other servers. */
export function GitSettings() {
  const { data: session } = useSuspenseQuery(sessionQuery)
  const place = useRef<HTMLElement>(null)
  useEffect(() => {
    // It comes after the page: the browser has looked for it already.
    if (window.location.hash === '#git') place.current?.scrollIntoView()
  }, [])
  if (session?.role === 'viewer') return null
  return (
    <Card as="section" padded className={classes(page.section, page.wide)} aria-labelledby="git" ref={place}>
      <h2 id="git" className={page.title}>
        Git
      </h2>
      <p className="secondary">
        What your commits bear, and what git signs in with at other servers. Secrets are stored encrypted and never
        shown again.
      </p>
      <div className={styles.parts}>
        <IdentityPart />
        <SshKeyPart />
        <TokensPart />
        <HostsPart />
      </div>
    </Card>
  )
}

function IdentityPart() {
  const { data, error, isPending, refetch } = useQuery(identityQuery)
  const isSlow = useDelayed(isPending)
  const [typed, setTyped] = useState<{ name?: string; address?: string }>({})
  const name = typed.name ?? data?.name ?? ''
  const address = typed.address ?? data?.address ?? ''
  const saving = useMutation({
    mutationFn: () => setIdentity(name.trim(), address.trim()),
    onSuccess: () => {
      setTyped({})
      toast.say('Your commits bear this name and address from now on.')
    },
  })
  const change = (part: typeof typed) => {
    saving.reset()
    setTyped({ ...typed, ...part })
  }
  const isSame = name.trim() === data?.name && address.trim() === data?.address
  const submit = (event: FormEvent) => {
    event.preventDefault()
    if (!isSame) saving.mutate()
  }
  return (
    <section className={styles.part} aria-labelledby="git-identity">
      <h3 id="git-identity" className="section-title">
        Your commits
      </h3>
      {error && <ErrorMessage error={error} title="Your name could not be read." onRetry={() => void refetch()} />}
      {isSlow && <Skeleton width="100%" height={32} />}
      {data && (
        <form className={styles.part} onSubmit={submit}>
          <div className={styles.fields}>
            <TextField label="Name" value={name} onChange={(value) => change({ name: value })} autoComplete="name" />
            <TextField
              label="Address"
              value={address}
              onChange={(value) => change({ address: value })}
              autoComplete="email"
              spellCheck={false}
            />
          </div>
          {saving.error && <ErrorMessage error={saving.error} title="They were not saved." />}
          <div>
            <Button type="submit" busy={saving.isPending} disabledReason={isSame ? 'Nothing has changed.' : null}>
              Save
            </Button>
          </div>
        </form>
      )}
    </section>
  )
}
