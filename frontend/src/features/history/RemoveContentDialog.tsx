import { useMutation, useQuery } from '@tanstack/react-query'
import { type FormEvent, useState } from 'react'
import { type HistoryRemoval, removeContent } from '../../api/history'
import { Button } from '../../components/Button'
import { Dialog } from '../../components/Dialog'
import { SegmentedControl, TextField } from '../../components/Field'
import { ErrorMessage, Note } from '../../components/Note'
import { toast } from '../../components/Toasts'
import { counted, formatBytes } from '../../lib/format'
import { baseName } from '../../lib/paths'
import styles from './RemoveContentDialog.module.css'

interface RemoveContentDialogProps {
  path: string
  version: string
  onClose: () => void
}

type Scope = 'all' | 'version'
const formId = 'remove-content'

/** What would go by the choice, and letting it go. */
function useRemoval({ path, version, onClose }: RemoveContentDialogProps) {
  const [scope, setScope] = useState<Scope>('all')
  const chosen = scope === 'version' ? version : null
  const preview = useQuery({
    queryKey: ['history', 'removal', path, chosen],
    queryFn: ({ signal }) => removeContent(path, { version: chosen, dryRun: true, signal }),
    staleTime: 0,
    retry: false,
  })
  const removal = useMutation({
    mutationFn: () => removeContent(path, { version: chosen, dryRun: false }),
    onSuccess: (done) => {
      toast.say(`Removed from ${counted(done.versions, 'version')} for good.`)
      onClose()
    },
  })
  return { scope, setScope, preview, removal }
}

/** Removes what a file held, such as a key, from the history for good; typed, since nothing brings it back. */
export function RemoveContentDialog(props: RemoveContentDialogProps) {
  const name = baseName(props.path)
  const [typed, setTyped] = useState('')
  const { scope, setScope, preview, removal } = useRemoval(props)
  const reason = reasonOf(preview.data, typed, name)

  function submit(event: FormEvent) {
    event.preventDefault()
    if (reason === null && !removal.isPending) removal.mutate()
  }

  return (
    <Dialog
      title={`Remove the content of ${name}`}
      width={560}
      onClose={props.onClose}
      keepOpenOutside
      footer={<Foot reason={reason} isPending={removal.isPending} onClose={props.onClose} />}
    >
      <form id={formId} className={styles.form} onSubmit={submit}>
        <p>
          For a file that held a key: no version of this history will hold its content any more. The versions stay,
          without the file. Nothing brings it back, and the key itself has to be renewed all the same.
        </p>
        <ScopeChoice scope={scope} onChange={setScope} />
        {preview.error && <ErrorMessage error={preview.error} />}
        {preview.data && <Preview preview={preview.data} />}
        <TextField
          label={`Type ${name} to confirm`}
          value={typed}
          onChange={setTyped}
          autoComplete="off"
          spellCheck={false}
          mono
          data-autofocus
        />
        {removal.error && <ErrorMessage error={removal.error} title="Nothing was removed." />}
      </form>
    </Dialog>
  )
}

function ScopeChoice({ scope, onChange }: { scope: Scope; onChange: (scope: Scope) => void }) {
  return (
    <div>
      <SegmentedControl
        label="From which versions"
        value={scope}
        onChange={onChange}
        options={[
          { value: 'all', label: 'All it ever held' },
          { value: 'version', label: 'What it held in this version' },
        ]}
      />
    </div>
  )
}

interface FootProps {
  reason: string | null
  isPending: boolean
  onClose: () => void
}

function Foot({ reason, isPending, onClose }: FootProps) {
  return (
    <>
      <span className="grow" />
      <Button size="large" variant="ghost" onClick={onClose}>
        Cancel
      </Button>
      <Button size="large" variant="danger" type="submit" form={formId} busy={isPending} disabledReason={reason}>
        Remove for good
      </Button>
    </>
  )
}

function reasonOf(preview: HistoryRemoval | undefined, typed: string, name: string): string | null {
  if (!preview) return 'There is nothing to remove.'
  if (preview.on_disk) return 'The content is still on disk.'
  return typed === name ? null : `Type ${name} to confirm.`
}

function Preview({ preview }: { preview: HistoryRemoval }) {
  const { contents, versions, size, on_disk: onDisk, still_in: stillIn } = preview
  return (
    <>
      <p role="status">
        Goes: {counted(contents, 'content')} of {formatBytes(size)} together, out of {counted(versions, 'version')}.
      </p>
      {onDisk && (
        <Note tone="warning">
          <span className="mono">{onDisk}</span> still has this content. Change or delete the file first; then it can be
          removed here.
        </Note>
      )}
      {stillIn.length > 0 && (
        <Note tone="warning">
          It is also in the history of <span className="mono">{stillIn.join(', ')}</span>, and has to be removed there
          as well.
        </Note>
      )}
    </>
  )
}
