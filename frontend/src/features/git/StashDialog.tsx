import { useMutation, useQuery } from '@tanstack/react-query'
import { useState } from 'react'
import type { GitStatus } from '../../api/git'
import { Button } from '../../components/Button'
import { Dialog } from '../../components/Dialog'
import { TextField } from '../../components/Field'
import { ErrorMessage } from '../../components/Note'
import { Time } from '../../components/Time'
import styles from './git.module.css'
import { gitActs, stashesQuery } from './requests'

interface StashDialogProps {
  path: string
  status: GitStatus
  onClose: () => void
}

/** Changes put aside, and putting those of now aside. */
export function StashDialog({ path, status, onClose }: StashDialogProps) {
  const [message, setMessage] = useState('')
  const { data, error } = useQuery(stashesQuery(path))
  const doing = useMutation({ mutationFn: (act: () => Promise<unknown>) => act() })
  const stashes = data?.stashes ?? []
  return (
    <Dialog title="Stashes" onClose={onClose} footer={<Button onClick={onClose}>Close</Button>} width={560}>
      <div className={styles.form}>
        <div className={styles.inline}>
          <TextField
            label="Name of the stash"
            hideLabel
            placeholder="What these changes are, if you like"
            value={message}
            onChange={setMessage}
          />
          <Button
            size="large"
            busy={doing.isPending}
            disabledReason={status.entries.length === 0 ? 'Nothing has changed.' : null}
            onClick={() => doing.mutate(() => gitActs.stash(path, message.trim()), { onSuccess: () => setMessage('') })}
          >
            Stash changes
          </Button>
        </div>
        {stashes.length === 0 && <p className="secondary">Nothing is put aside.</p>}
        <ul aria-label="Stashes" className={styles.stashes}>
          {stashes.map((stash) => (
            <li key={stash.commit} className={styles.stash}>
              <span className="grow truncate" title={stash.message}>
                {stash.message}
              </span>
              <span className="small secondary">
                <Time at={stash.at} />
              </span>
              <Button
                size="small"
                aria-label={`Bring back ${stash.message}`}
                onClick={() => doing.mutate(() => gitActs.applyStash(path, stash.commit))}
              >
                Bring back
              </Button>
              <Button
                size="small"
                variant="danger"
                aria-label={`Drop ${stash.message}`}
                onClick={() => doing.mutate(() => gitActs.dropStash(path, stash.commit))}
              >
                Drop
              </Button>
            </li>
          ))}
        </ul>
        {(error ?? doing.error) && <ErrorMessage error={error ?? doing.error} />}
      </div>
    </Dialog>
  )
}
