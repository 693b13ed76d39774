import { useMutation } from '@tanstack/react-query'
import { type FormEvent, useState } from 'react'
import { emptyTrash, type Use } from '../../api/space'
import { Button } from '../../components/Button'
import { Dialog } from '../../components/Dialog'
import { TextField } from '../../components/Field'
import { ErrorMessage } from '../../components/Note'
import { toast } from '../../components/Toasts'
import { counted, formatBytes } from '../../lib/format'

interface EmptyTrashDialogProps {
  /** Whose trash. */
  owner: string
  use: Use
  isMine: boolean
  onClose: () => void
}

const formId = 'empty-trash'

/** Deletes for good what is in somebody's trash; typed, since nothing brings it back. */
export function EmptyTrashDialog({ owner, use, isMine, onClose }: EmptyTrashDialogProps) {
  const word = isMine ? 'empty' : owner
  const [typed, setTyped] = useState('')
  const emptying = useMutation({
    mutationFn: () => emptyTrash(owner),
    onSuccess: (removed) => {
      toast.say(`${counted(removed, 'entry', 'entries')} deleted for good.`)
      onClose()
    },
  })
  const reason = typed === word ? null : `Type ${word} to confirm.`
  function submit(event: FormEvent) {
    event.preventDefault()
    if (reason === null && !emptying.isPending) emptying.mutate()
  }
  return (
    <Dialog
      title={isMine ? 'Empty the trash' : `Empty the trash of ${owner}`}
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
            busy={emptying.isPending}
            disabledReason={reason}
          >
            Delete for good
          </Button>
        </>
      }
    >
      <form id={formId} onSubmit={submit}>
        <p style={{ marginBottom: 'var(--space-3)' }}>
          {counted(use.files, 'file')} of {formatBytes(use.bytes)} are deleted for good. Their earlier versions stay in
          the history as long as its retention says.
        </p>
        <TextField
          label={`Type ${word} to confirm`}
          value={typed}
          onChange={setTyped}
          autoComplete="off"
          spellCheck={false}
          data-autofocus
        />
        {emptying.error && <ErrorMessage error={emptying.error} title="Nothing was deleted." />}
      </form>
    </Dialog>
  )
}
