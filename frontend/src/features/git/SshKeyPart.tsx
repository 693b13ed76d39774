import { useQuery } from '@tanstack/react-query'
import { Button } from '../../components/Button'
import { TextField } from '../../components/Field'
import { ErrorMessage } from '../../components/Note'
import { Time } from '../../components/Time'
import { toast } from '../../components/Toasts'
import { type GitCredential, useMakeKey, useRemoveCredential } from './credentials'
import { credentialsQuery } from './requests'
import styles from './settings.module.css'

/** One's SSH key: its public part to copy, or making one. */
export function SshKeyPart() {
  const { data, error, refetch } = useQuery(credentialsQuery)
  const making = useMakeKey()
  const key = data?.credentials.find((item) => item.kind === 'ssh_key')
  return (
    <section className={styles.part} aria-labelledby="git-ssh">
      <h3 id="git-ssh" className="section-title">
        SSH key
      </h3>
      {error && <ErrorMessage error={error} title="Your key could not be read." onRetry={() => void refetch()} />}
      {key && <Key sshKey={key} />}
      {data && !key && (
        <>
          <p className="secondary">None. Make one, and give other servers its public part.</p>
          <div>
            <Button busy={making.isPending} onClick={() => making.mutate()}>
              Make an SSH key
            </Button>
          </div>
        </>
      )}
      {making.error && <ErrorMessage error={making.error} title="No key was made." />}
    </section>
  )
}

function Key({ sshKey }: { sshKey: GitCredential }) {
  const removing = useRemoveCredential()
  async function copy() {
    try {
      await navigator.clipboard.writeText(sshKey.public_key)
      toast.say('The public key was copied.')
    } catch {
      toast.say('The browser did not allow copying. Select the key and copy it.')
    }
  }
  return (
    <>
      <div className={styles.row}>
        <TextField
          label="Public key"
          value={sshKey.public_key}
          onChange={() => undefined}
          onFocus={(event) => event.target.select()}
          readOnly
          mono
        />
        <Button size="large" onClick={() => void copy()}>
          Copy public key
        </Button>
      </div>
      <p className="small secondary">
        <span className="mono">{sshKey.fingerprint}</span>, made <Time at={sshKey.created_at} />,{' '}
        {sshKey.last_used_at ? (
          <>
            used <Time at={sshKey.last_used_at} />
          </>
        ) : (
          'never used'
        )}
      </p>
      {removing.error && <ErrorMessage error={removing.error} title="It was not removed." />}
      <div>
        <Button busy={removing.isPending} onClick={() => removing.mutate(sshKey.id)}>
          Remove the SSH key
        </Button>
      </div>
    </>
  )
}
