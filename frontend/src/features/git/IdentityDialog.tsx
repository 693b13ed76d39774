import { useMutation, useQuery } from '@tanstack/react-query'
import { type FormEvent, useId, useState } from 'react'
import { Button } from '../../components/Button'
import { Dialog } from '../../components/Dialog'
import { TextField } from '../../components/Field'
import { ErrorMessage } from '../../components/Note'
import styles from './git.module.css'
import { identityQuery, setIdentity } from './requests'

/** The name and address that one's commits bear. */
export function IdentityDialog({ onClose }: { onClose: () => void }) {
  const form = useId()
  const { data, error } = useQuery(identityQuery)
  const [typed, setTyped] = useState<{ name?: string; address?: string }>({})
  const name = typed.name ?? data?.name ?? ''
  const address = typed.address ?? data?.address ?? ''
  const saving = useMutation({ mutationFn: () => setIdentity(name.trim(), address.trim()), onSuccess: onClose })
  const submit = (event: FormEvent) => {
    event.preventDefault()
    saving.mutate()
  }
  return (
    <Dialog
      title="Your name and address"
      onClose={onClose}
      footer={
        <>
          <Button size="large" onClick={onClose}>
            Cancel
          </Button>
          <Button size="large" variant="primary" type="submit" form={form} busy={saving.isPending}>
            Save
          </Button>
        </>
      }
    >
      <form id={form} className={styles.form} onSubmit={submit}>
        <p className="secondary">Every commit you make here bears them.</p>
        <TextField label="Name" value={name} onChange={(value) => setTyped({ ...typed, name: value })} data-autofocus />
        <TextField label="Address" value={address} onChange={(value) => setTyped({ ...typed, address: value })} />
        {(error ?? saving.error) && <ErrorMessage error={error ?? saving.error} />}
      </form>
    </Dialog>
  )
}
