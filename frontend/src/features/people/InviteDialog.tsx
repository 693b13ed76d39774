import { useMutation } from '@tanstack/react-query'
import { type FormEvent, useState } from 'react'
import { invite, type Role } from '../../api/people'
import { Button } from '../../components/Button'
import { Dialog } from '../../components/Dialog'
import { SelectField, TextField } from '../../components/Field'
import { ErrorMessage, Note } from '../../components/Note'
import { SecretOnce } from '../../components/SecretOnce'
import styles from './PeoplePage.module.css'
import { RoleField } from './RoleField'

const formId = 'invite'
const ends = [1, 7, 30].map((days) => ({ value: String(days), label: days === 1 ? '1 day' : `${days} days` }))

/** Makes a link by which one person makes their own account. */
export function InviteDialog({ onClose }: { onClose: () => void }) {
  const [role, setRole] = useState<Role>('author')
  const [username, setUsername] = useState('')
  const [days, setDays] = useState('7')
  const making = useMutation({
    mutationFn: () => invite({ role, username: username.trim() || null, expires_in_days: Number(days) }),
  })
  function submit(event: FormEvent) {
    event.preventDefault()
    if (!making.isPending) making.mutate()
  }
  const { data: made } = making
  return (
    <Dialog
      title="Invite people"
      onClose={onClose}
      keepOpenOutside
      footer={
        <>
          <span className="grow" />
          {made ? (
            <Button size="large" variant="primary" onClick={onClose}>
              Done
            </Button>
          ) : (
            <Button size="large" variant="primary" type="submit" form={formId} busy={making.isPending}>
              Make invitation link
            </Button>
          )}
        </>
      }
    >
      {made ? (
        <div className={styles.form}>
          <SecretOnce label="Invitation link" secret={made.link} what="link" />
          <Note>This link is shown this once and makes one account. Send it to one person only.</Note>
        </div>
      ) : (
        <form id={formId} className={styles.form} onSubmit={submit}>
          <RoleField value={role} onChange={setRole} />
          <TextField
            label="Username"
            value={username}
            onChange={setUsername}
            autoComplete="off"
            autoCapitalize="none"
            spellCheck={false}
            hint="Leave it empty to let them choose."
            data-autofocus
          />
          <SelectField label="The link works for" value={days} options={ends} onChange={setDays} />
          {making.error && <ErrorMessage error={making.error} title="There is no invitation yet." />}
        </form>
      )}
    </Dialog>
  )
}
