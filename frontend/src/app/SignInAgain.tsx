import { useSignedIn } from '../api/signedIn'
import { Dialog } from '../components/Dialog'
import { SignInForm } from '../features/sign-in/SignInForm'

/** Where the session has ended under an open page: signing in again keeps what stands on it. */
export function SignInAgain({ username }: { username: string }) {
  const lost = useSignedIn((state) => state.lost)
  if (!lost) return null
  return (
    <Dialog title="Sign in again" width={360} onClose={() => useSignedIn.setState({ lost: false })} keepOpenOutside>
      <p style={{ marginBottom: 'var(--space-3)' }}>
        The session has ended. What stands on this page is kept. Without a password, open a new link:{' '}
        <code>pfstudio link</code> prints one.
      </p>
      <SignInForm username={username} onSignedIn={() => useSignedIn.setState({ lost: false })} />
    </Dialog>
  )
}
