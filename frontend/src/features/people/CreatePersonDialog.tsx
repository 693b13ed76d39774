import { useMutation } from '@tanstack/react-query'
import { type FormEvent, useState } from 'react'
import { createPerson, type Role } from '../../api/people'
import { Button } from '../../components/Button'
import { Dialog } from '../../components/Dialog'
import { TextField } from '../../components/Field'
import { ErrorMessage } from '../../components/Note'
import { toast } from '../../components/Toasts'
import styles from './PeoplePage.module.css'
import { RoleField } from './RoleField'

const formId = 'create-account'

/** Makes an account with a first password, which its person changes on their Account page. */
export function CreatePersonDialog({ onClose }: { onClose: () => void }) {
  const [username, setUsername] = useState('')
  const [password, setPassword] = useState('')
  const [role, setRole] = useState<Role>('author')
  const making = useMutation({
    mutationFn: () => createPerson({ username, password, role }),
    onSuccess: (person) => {
      toast.say(`${person.username} can sign in now.`)
      onClose()
    },
  })
  const reason = username === '' ? 'Enter a user name.' : password === '' ? 'Enter a first password.' : null
  function submit(event: FormEvent) {
    event.preventDefault()
    if (reason === null && !making.isPending) making.mutate()
  }
  return (
    <Dialog
      title="Create account"
      onClose={onClose}
      keepOpenOutside
      footer={
        <>
          <span className="grow" />
          <Button
            size="large"
            variant="primary"
            type="submit"
            form={formId}
            busy={making.isPending}
            disabledReason={reason}
          >
            Create account
          </Button>
        </>
      }
    >
      <form id={formId} className={styles.form} onSubmit={submit}>
        <TextField
          label="Username"
          value={username}
          onChange={setUsername}
          autoComplete="off"
          autoCapitalize="none"
          data-autofocus
        />
        <TextField
          label="First password"
          type="password"
          value={password}
          onChange={setPassword}
          autoComplete="new-password"
          hint="You know it as well, so they change it on their Account page. An invitation avoids this."
        />
        <RoleField value={role} onChange={setRole} />
        {making.error && <ErrorMessage error={making.error} title="The account was not made." />}
      </form>
    </Dialog>
  )
}
