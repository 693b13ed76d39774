import { useMutation } from '@tanstack/react-query'
import { api, unwrap } from '../../api/client'
import { ApiError } from '../../api/errors'
import { Button } from '../../components/Button'

/** Trusts the SSH server that a transfer has met for the first time; its fingerprint stands in the error's words. */
export function TrustHost({ error, onTrusted }: { error: unknown; onTrusted: () => void }) {
  const trusting = useMutation({
    mutationFn: (body: { host: string; key: string }) => unwrap(api.POST('/api/git-host-keys', { body })),
    onSuccess: onTrusted,
  })
  if (!(error instanceof ApiError) || error.code !== 'git_host_key_unknown') return null
  const { host, key } = error.problem.proposal as { host: string; key: string }
  return (
    <Button size="small" busy={trusting.isPending} onClick={() => trusting.mutate({ host, key })}>
      {trusting.isError ? 'Trust it (failed, try again)' : 'Trust this server'}
    </Button>
  )
}
