import { useQuery } from '@tanstack/react-query'
import { useRouter } from '@tanstack/react-router'
import { useEffect, useState } from 'react'
import { readLink } from '../../api/session'
import { Logo } from '../../app/Logo'
import { Card } from '../../components/Card'
import { ErrorMessage } from '../../components/Note'
import { address } from '../../lib/base'
import { LinkForm } from './LinkForm'
import { ProviderButton } from './ProviderButton'
import { SignInForm } from './SignInForm'
import styles from './SignInPage.module.css'

let taken: string | null = null // React may begin a page twice; the address has the secret only once.

/** The secret of a sign-in link stands behind `#`, so that no server and no log ever sees it. */
function takeToken(): string | null {
  const token = new URLSearchParams(location.hash.slice(1)).get('token')
  if (token) {
    taken = token
    history.replaceState(history.state, '', location.pathname + location.search)
  }
  return taken
}

interface SignInPageProps {
  next: string | undefined
  /** Why signing in at a provider has failed. */
  problem: string | undefined
}

export function SignInPage({ next, problem }: SignInPageProps) {
  const router = useRouter()
  const [token] = useState(takeToken)
  const link = useQuery({
    queryKey: ['sign-in link', token],
    queryFn: () => readLink(token ?? ''),
    enabled: token !== null,
    retry: false,
    staleTime: Number.POSITIVE_INFINITY,
  })

  useEffect(() => {
    document.title = 'Sign in · pfstudio'
  }, [])

  function goOn() {
    // Only a path of our own: an address of elsewhere in the link would lead people astray.
    const target = next?.startsWith('/') && !next.startsWith('//') && !next.startsWith('/\\') ? next : '/flows'
    router.history.push(address(target))
  }

  return (
    <main className={styles.page}>
      <div className={styles.box}>
        <div className={styles.head}>
          <Logo />
          <h1 className={styles.name}>pfstudio</h1>
        </div>
        {link.error && <ErrorMessage error={link.error} title="This link does not sign you in." />}
        <Card className={styles.card}>
          {token && link.data ? (
            <LinkForm token={token} person={link.data} onSignedIn={goOn} />
          ) : (
            (!token || link.error) && (
              <>
                <ProviderButton next={next} problem={problem} />
                <SignInForm onSignedIn={goOn} />
              </>
            )
          )}
        </Card>
        <p className="small secondary">
          No password yet, or forgotten? An admin makes you a link; on the machine of the studio,{' '}
          <code>pfstudio link</code> prints one.
        </p>
      </div>
    </main>
  )
}
