import { useMutation } from '@tanstack/react-query'
import { type FormEvent, useState } from 'react'
import { type FlowItem, renameFlow } from '../../api/flows'
import { Button } from '../../components/Button'
import { Dialog } from '../../components/Dialog'
import { TextField } from '../../components/Field'
import { ErrorMessage } from '../../components/Note'
import { baseName, joinPath, nameProblem, parentPath } from '../../lib/paths'

interface RenameFlowDialogProps {
  flow: FlowItem
  onClose: () => void
}

/** A flow's name is its folder's. */
export function RenameFlowDialog({ flow, onClose }: RenameFlowDialogProps) {
  const [name, setName] = useState(baseName(flow.path))
  const rename = useMutation({ mutationFn: () => renameFlow(flow.path, name), onSuccess: onClose })
  const problem = nameProblem(name)
  const isSame = name === baseName(flow.path)

  function submit(event: FormEvent) {
    event.preventDefault()
    if (!problem && !isSame) rename.mutate()
  }

  return (
    <Dialog
      title="Rename flow"
      onClose={onClose}
      footer={
        <>
          <span className="grow" />
          <Button size="large" variant="ghost" onClick={onClose}>
            Cancel
          </Button>
          <Button
            size="large"
            variant="primary"
            type="submit"
            form="rename-flow"
            busy={rename.isPending}
            disabledReason={problem ?? (isSame ? 'Change the name first.' : null)}
          >
            Rename flow
          </Button>
        </>
      }
    >
      <form id="rename-flow" onSubmit={submit}>
        <TextField
          label="Name"
          value={name}
          onChange={setName}
          problem={isSame ? undefined : problem}
          hint={joinPath(parentPath(flow.path), name)}
          data-autofocus
        />
        {rename.error && <ErrorMessage error={rename.error} />}
      </form>
    </Dialog>
  )
}
