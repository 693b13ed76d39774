import { useQuery } from '@tanstack/react-query'
import { oidcQuery } from '../../api/oidc'
import { buttonClass } from '../../components/Button'
import { Note } from '../../components/Note'
import { address } from '../../lib/base'
import styles from './ProviderButton.module.css'

const sentences: Record<string, string> = {
  oidc_refused: 'The provider did not sign you in.',
  oidc_pending: 'This sign-in was not begun in this browser, or took longer than ten minutes. Begin again.',
  oidc_token: 'The provider’s answer cannot be trusted. The log of the studio says why.',
  oidc_unreachable: 'The provider cannot be reached at the moment. The log of the studio says why.',
  oidc_no_group: 'You are in none of the groups that may use this studio. Ask its admin.',
  account_disabled: 'Your account is disabled. An admin of this studio can enable it again.',
  isolation_required: 'This studio has no isolation, so it takes no second account. Ask its admin.',
  too_many_sign_ins: 'Too many people are signing in right now. Try again in a moment.',
}

/** Signing in at the provider; the browser goes there and comes back. */
export function ProviderButton({ next, problem }: { next: string | undefined; problem: string | undefined }) {
  const { data: provider } = useQuery(oidcQuery)
  if (!provider?.name) return null
  const start = `/api/auth/oidc/start?next=${encodeURIComponent(next ?? '/flows')}`
  return (
    <div className={styles.provider}>
      {problem !== undefined && (
        <Note tone="danger" role="alert">
          {sentences[problem] ?? 'You were not signed in. The log of the studio says why.'}
        </Note>
      )}
      <a className={buttonClass('default', 'large')} href={address(start)}>
        Sign in with {provider.name}
      </a>
      {provider.signed_in && (
        <a className={styles.out} href={address('/api/auth/oidc/sign-out')}>
          Sign out of {provider.name} as well
        </a>
      )}
      <p className={styles.or}>or</p>
    </div>
  )
}
