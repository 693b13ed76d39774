import { useMutation } from '@tanstack/react-query'
import { type FormEvent, useState } from 'react'
import { applyRetention, type HistoryRetention, type RetentionRule } from '../../api/history'
import { Button } from '../../components/Button'
import { Dialog } from '../../components/Dialog'
import { TextField } from '../../components/Field'
import { ErrorMessage } from '../../components/Note'
import { toast } from '../../components/Toasts'
import { counted, formatBytes } from '../../lib/format'
import styles from './SettingsPage.module.css'

interface ApplyRetentionDialogProps {
  rule: RetentionRule
  preview: HistoryRetention
  onClose: () => void
}

const formId = 'apply-retention'
const word = 'remove'

/** Lets versions go at once; typed, since nothing brings them back. */
export function ApplyRetentionDialog({ rule, preview, onClose }: ApplyRetentionDialogProps) {
  const [typed, setTyped] = useState('')
  const applying = useMutation({
    mutationFn: () => applyRetention(rule),
    onSuccess: (gone) => {
      toast.say(`${counted(gone.entries, 'version')} went; ${formatBytes(gone.bytes)} are free.`)
      onClose()
    },
  })
  const reason = typed === word ? null : `Type ${word} to confirm.`
  function submit(event: FormEvent) {
    event.preventDefault()
    if (reason === null && !applying.isPending) applying.mutate()
  }
  return (
    <Dialog
      title="Remove old versions"
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
            busy={applying.isPending}
            disabledReason={reason}
          >
            Remove for good
          </Button>
        </>
      }
    >
      <form id={formId} className={styles.section} onSubmit={submit}>
        <p>
          {counted(preview.entries, 'version')} of {counted(preview.histories.length, 'history', 'histories')} go for
          good. Files on disk stay as they are.
        </p>
        <TextField
          label={`Type ${word} to confirm`}
          value={typed}
          onChange={setTyped}
          autoComplete="off"
          spellCheck={false}
          data-autofocus
        />
        {applying.error && <ErrorMessage error={applying.error} title="The versions stay." />}
      </form>
    </Dialog>
  )
}
