import { useMutation } from '@tanstack/react-query'
import { type FormEvent, useState } from 'react'
import { removePerson } from '../../api/people'
import { Button } from '../../components/Button'
import { Dialog } from '../../components/Dialog'
import { TextField } from '../../components/Field'
import { ErrorMessage } from '../../components/Note'
import { toast } from '../../components/Toasts'
import styles from './PeoplePage.module.css'

const formId = 'remove-account'

/** Removes an account; typed, since nothing brings its connections and keys back. */
export function RemovePersonDialog({ username, onClose }: { username: string; onClose: () => void }) {
  const [typed, setTyped] = useState('')
  const removing = useMutation({
    mutationFn: () => removePerson(username),
    onSuccess: () => {
      toast.say(`The account ${username} is gone. Its folder stays on the share.`)
      onClose()
    },
  })
  const reason = typed === username ? null : `Type ${username} to confirm.`
  function submit(event: FormEvent) {
    event.preventDefault()
    if (reason === null && !removing.isPending) removing.mutate()
  }
  return (
    <Dialog
      title={`Remove ${username}`}
      onClose={onClose}
      keepOpenOutside
      footer={
        <>
          <span className="grow" />
          <Button size="large" variant="ghost" onClick={onClose}>
            Cancel
          </Button>
          <Button
            size="large"
            variant="danger"
            type="submit"
            form={formId}
            busy={removing.isPending}
            disabledReason={reason}
          >
            Remove account
          </Button>
        </>
      }
    >
      <form id={formId} className={styles.form} onSubmit={submit}>
        <p>
          {username} is signed out everywhere within seconds. Their tokens, connections and keys go for good. The folder
          Users/{username} stays on the share. To keep the account for later, disable it instead.
        </p>
        <TextField
          label={`Type ${username} to confirm`}
          value={typed}
          onChange={setTyped}
          autoComplete="off"
          autoCapitalize="none"
          spellCheck={false}
          data-autofocus
        />
        {removing.error && <ErrorMessage error={removing.error} title="The account stays." />}
      </form>
    </Dialog>
  )
}
