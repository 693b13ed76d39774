import { useMutation } from '@tanstack/react-query'
import { type FormEvent, useState } from 'react'
import { makeToken, type Scope, scopeWords } from '../../api/account'
import { Button } from '../../components/Button'
import { Dialog } from '../../components/Dialog'
import { SelectField, TextField } from '../../components/Field'
import { ErrorMessage, Note } from '../../components/Note'
import { SecretOnce } from '../../components/SecretOnce'
import styles from './AccountPage.module.css'

const formId = 'make-token'
const ends = [7, 30, 90, 365].map((days) => ({ value: String(days), label: `${days} days` }))
const scopes = (Object.keys(scopeWords) as Scope[]).map((value) => ({ value, label: scopeWords[value] }))

/** Makes a token, whose secret is shown this once. */
export function MakeTokenDialog({ onClose }: { onClose: () => void }) {
  const [name, setName] = useState('')
  const [scope, setScope] = useState<Scope>('read')
  const [days, setDays] = useState('90')
  const making = useMutation({ mutationFn: () => makeToken({ name, scope, expires_in_days: Number(days) }) })
  const reason = name.trim() === '' ? 'Say what the token is for.' : null
  function submit(event: FormEvent) {
    event.preventDefault()
    if (reason === null && !making.isPending) making.mutate()
  }
  const { data: made } = making
  return (
    <Dialog
      title="Make token"
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
            <Button
              size="large"
              variant="primary"
              type="submit"
              form={formId}
              busy={making.isPending}
              disabledReason={reason}
            >
              Make token
            </Button>
          )}
        </>
      }
    >
      {made ? (
        <div className={styles.form}>
          <SecretOnce label={`Token ${made.name}`} secret={made.token} what="token" />
          <Note>
            The token is shown this once. Scripts send it as <code>Authorization: Bearer</code>; git asks for it as the
            password.
          </Note>
        </div>
      ) : (
        <form id={formId} className={styles.form} onSubmit={submit}>
          <TextField label="What it is for" value={name} onChange={setName} maxLength={100} data-autofocus />
          <SelectField label="Scope" value={scope} options={scopes} onChange={(value) => setScope(value as Scope)} />
          <SelectField label="It works for" value={days} options={ends} onChange={setDays} />
          {making.error && <ErrorMessage error={making.error} title="There is no token yet." />}
        </form>
      )}
    </Dialog>
  )
}
