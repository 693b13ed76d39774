import { useMutation } from '@tanstack/react-query'
import { Link } from '@tanstack/react-router'
import { api, unwrap } from '../../api/client'
import { ApiError } from '../../api/errors'
import { Button, buttonClass } from '../../components/Button'

interface TrustHostProps {
  error: unknown
  onTrusted: () => void
  /** Leaves the page as it is: Settings open beside it. */
  isBeside?: boolean
}

const mendedInSettings = [
  'git_credential_needed',
  'git_credential_refused',
  'git_ssh_key_refused',
  'git_host_key_changed',
] as const

/** What helps where a server did not let one in: trusting one that is met for the first time (its fingerprint stands in
 * the error's words), or the way to one's tokens and key. */
export function TrustHost({ error, onTrusted, isBeside }: TrustHostProps) {
  const trusting = useMutation({
    mutationFn: (body: { host: string; key: string }) => unwrap(api.POST('/api/git-host-keys', { body })),
    onSuccess: onTrusted,
  })
  if (!(error instanceof ApiError)) return null
  if (mendedInSettings.some((code) => code === error.code)) {
    return (
      <Link
        to="/settings"
        hash="git"
        target={isBeside ? '_blank' : undefined}
        className={buttonClass('default', 'small')}
      >
        Open Settings → Git
      </Link>
    )
  }
  if (error.code !== 'git_host_key_unknown') return null
  const { host, key } = error.problem.proposal as { host: string; key: string }
  return (
    <Button size="small" busy={trusting.isPending} onClick={() => trusting.mutate({ host, key })}>
      {trusting.isError ? 'Trust it (failed, try again)' : 'Trust this server'}
    </Button>
  )
}
