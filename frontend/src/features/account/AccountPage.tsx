import { useSuspenseQuery } from '@tanstack/react-query'
import { useState } from 'react'
import { sessionQuery } from '../../api/session'
import { Page } from '../../app/Page'
import { Breadcrumb } from '../../app/TopBar'
import { Button } from '../../components/Button'
import { PasswordSection } from '../status/PasswordSection'
import styles from './AccountPage.module.css'
import { SessionsSection } from './SessionsSection'
import { SignOutEverywhereDialog } from './SignOutEverywhereDialog'
import { TokensSection } from './TokensSection'

/** One's own account: where one is signed in, tokens for scripts and git, and the password. */
export function AccountPage() {
  const { data: session } = useSuspenseQuery(sessionQuery)
  const [isLeaving, setLeaving] = useState(false)
  if (!session) return null
  return (
    <>
      <Breadcrumb crumbs={[{ label: 'Settings', to: '/settings' }, { label: 'Account' }]} />
      <Page
        title="Account"
        about={`Signed in as ${session.username} (${session.role}).`}
        actions={
          <Button variant="danger" onClick={() => setLeaving(true)}>
            Sign out everywhere
          </Button>
        }
      >
        <div className={styles.sections}>
          <SessionsSection />
          <TokensSection />
          <PasswordSection username={session.username} />
        </div>
      </Page>
      {isLeaving && <SignOutEverywhereDialog onClose={() => setLeaving(false)} />}
    </>
  )
}
