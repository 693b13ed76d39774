import { type FormEvent, useState } from 'react'
import { Button } from '../../components/Button'
import { Dialog } from '../../components/Dialog'
import { TextField } from '../../components/Field'
import { baseName, isInside, joinPath, parentPath } from '../../lib/paths'
import { named } from './entryActions'

interface MoveDialogProps {
  paths: readonly string[]
  onClose: () => void
  onMove: (folder: string) => Promise<void>
}

/** Why the paths cannot go into a folder, or null. */
function problemOf(paths: readonly string[], folder: string): string | null {
  if (folder === '') return 'Say which folder.'
  if (paths.every((path) => parentPath(path) === folder))
    return paths.length === 1 ? 'It is there already.' : 'They are there already.'
  return paths.some((path) => isInside(folder, path)) ? 'A folder cannot be moved into itself.' : null
}

/** The keyboard's way to what dragging does in the tree. */
export function MoveDialog({ paths, onClose, onMove }: MoveDialogProps) {
  const [folder, setFolder] = useState(parentPath(paths[0] ?? ''))
  const [isMoving, setMoving] = useState(false)
  const clean = folder.trim().replace(/^\/+|\/+$/g, '')
  const reason = problemOf(paths, clean)

  async function submit(event: FormEvent) {
    event.preventDefault()
    if (reason || isMoving) return
    setMoving(true)
    await onMove(clean)
    onClose()
  }

  return (
    <Dialog
      title={`Move ${named(paths)}`}
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
          hint={paths.length === 1 ? `It becomes ${joinPath(clean, baseName(paths[0] ?? ''))}.` : null}
          data-autofocus
        />
      </form>
    </Dialog>
  )
}
