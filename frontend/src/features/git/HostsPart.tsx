import { useQuery } from '@tanstack/react-query'
import { Button } from '../../components/Button'
import { ErrorMessage } from '../../components/Note'
import { useForgetHost } from './credentials'
import { credentialsQuery } from './requests'
import styles from './settings.module.css'

/** The SSH servers that one has trusted. */
export function HostsPart() {
  const { data } = useQuery(credentialsQuery)
  const forgetting = useForgetHost()
  return (
    <section className={styles.part} aria-labelledby="git-hosts">
      <h3 id="git-hosts" className="section-title">
        Servers you trust
      </h3>
      {data?.host_keys.length === 0 && (
        <p className="secondary">None. An SSH server is shown with its fingerprint when you meet it first.</p>
      )}
      {data && data.host_keys.length > 0 && (
        <ul className={styles.list} aria-label="Servers you trust">
          {data.host_keys.map((server) => (
            <li key={server.host} className={styles.item}>
              <span className={styles.about}>
                <span className="mono">{server.host}</span>
                <span className="small secondary mono">{server.fingerprint}</span>
              </span>
              <Button size="small" aria-label={`Forget ${server.host}`} onClick={() => forgetting.mutate(server.host)}>
                Forget
              </Button>
            </li>
          ))}
        </ul>
      )}
      {forgetting.error && <ErrorMessage error={forgetting.error} title="It was not forgotten." />}
    </section>
  )
}
