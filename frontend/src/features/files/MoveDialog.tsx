import { type FormEvent, useState } from 'react'
import type { FileEntry } from '../../api/files'
import { Button } from '../../components/Button'
import { Dialog } from '../../components/Dialog'
import { TextField } from '../../components/Field'
import { isInside, joinPath, parentPath } from '../../lib/paths'
import { moveInto } from './entryActions'

interface MoveDialogProps {
  entry: FileEntry
  onClose: () => void
  onMoved: (path: string) => void
}

/** The keyboard's way to what dragging does in the tree. */
export function MoveDialog({ entry, onClose, onMoved }: MoveDialogProps) {
  const [folder, setFolder] = useState(parentPath(entry.path))
  const [isMoving, setMoving] = useState(false)
  const clean = folder.trim().replace(/^\/+|\/+$/g, '')
  const reason =
    clean === parentPath(entry.path)
      ? 'It is there already.'
      : isInside(clean, entry.path)
        ? 'A folder cannot be moved into itself.'
        : null

  async function submit(event: FormEvent) {
    event.preventDefault()
    if (reason || isMoving) return
    setMoving(true)
    const moved = await moveInto(entry.path, clean)
    onClose()
    if (moved) onMoved(joinPath(clean, entry.name))
  }

  return (
    <Dialog
      title={`Move ${entry.name}`}
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
            form="move-entry"
            busy={isMoving}
            disabledReason={reason}
          >
            Move
          </Button>
        </>
      }
    >
      <form id="move-entry" onSubmit={submit}>
        <TextField
          label="Folder"
          mono
          value={folder}
          onChange={setFolder}
          hint={`It becomes ${joinPath(clean, entry.name)}.`}
          data-autofocus
        />
      </form>
    </Dialog>
  )
}
