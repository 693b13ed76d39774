import { IconPlugConnected } from '@tabler/icons-react'
import { useMutation, useQuery } from '@tanstack/react-query'
import { type Connection, connectionKey, trialQuery, tryConnection } from '../../api/connections'
import { Button } from '../../components/Button'
import { Chip } from '../../components/Chip'
import { ErrorMessage, Note } from '../../components/Note'
import { formatDuration } from '../../lib/format'
import styles from './ConnectionsPage.module.css'

const mostModels = 12

interface TrialResultProps {
  connection: Connection
  /** There are changes that the server does not know yet. */
  isChanged: boolean
}

/** A real request to the connection's server, and what came of it. */
export function TrialResult({ connection, isChanged }: TrialResultProps) {
  const { data: trial } = useQuery(trialQuery(connectionKey(connection)))
  const attempt = useMutation({ mutationFn: () => tryConnection(connection) })
  const button = (
    <Button
      size="small"
      icon={<IconPlugConnected size={14} stroke={1.5} aria-hidden />}
      busy={attempt.isPending}
      disabledReason={isChanged ? 'Save the changes first.' : null}
      onClick={() => attempt.mutate()}
    >
      Test connection
    </Button>
  )
  if (attempt.error) return <ErrorMessage error={attempt.error} title="It could not be tested." actions={button} />
  if (!trial) {
    return <Note actions={button}>Not tested in this visit. A test asks the server once and costs nothing.</Note>
  }
  return (
    <Note tone={trial.ok ? 'success' : 'danger'} role="status" actions={button}>
      <strong className="medium">{trial.ok ? 'Works' : 'Does not work'}</strong>{' '}
      <span className="secondary">{formatDuration(trial.milliseconds / 1000)}</span>
      {trial.message && <div>{trial.message}</div>}
      {trial.models.length > 0 && (
        <div className={styles.models}>
          {trial.models.slice(0, mostModels).map((model) => (
            <Chip key={model}>
              <span className="mono">{model}</span>
            </Chip>
          ))}
          {trial.models.length > mostModels && <Chip>and {trial.models.length - mostModels} more</Chip>}
        </div>
      )}
    </Note>
  )
}
