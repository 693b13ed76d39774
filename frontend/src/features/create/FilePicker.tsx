import { IconUpload } from '@tabler/icons-react'
import { useRef } from 'react'
import { Button } from '../../components/Button'
import { classes } from '../../lib/classes'
import styles from './FilePicker.module.css'

interface FilePickerProps {
  onFiles: (files: File[]) => void
  /** Something is being dragged over it. */
  isOver?: boolean
  /** The dialog it stands in begins here. */
  takesFocus?: boolean | undefined
}

/** Asks for a zip or files, or for a folder: browsers have a window of its own for each. */
export function FilePicker({ onFiles, isOver, takesFocus }: FilePickerProps) {
  const files = useRef<HTMLInputElement>(null)
  const folder = useRef<HTMLInputElement>(null)
  const take = (input: HTMLInputElement) => {
    const picked = [...(input.files ?? [])]
    input.value = '' // The same files can be chosen again after a change.
    if (picked.length > 0) onFiles(picked)
  }
  return (
    <div className={classes(styles.picker, isOver && styles.over)}>
      <IconUpload size={16} stroke={1.5} aria-hidden />
      <span>Drop a folder or a zip, or</span>
      <span className="row">
        <Button size="large" data-autofocus={takesFocus || undefined} onClick={() => files.current?.click()}>
          Choose files
        </Button>
        <Button size="large" variant="ghost" onClick={() => folder.current?.click()}>
          Choose a folder
        </Button>
      </span>
      <input
        ref={files}
        type="file"
        multiple
        hidden
        aria-label="Files or a zip"
        onChange={(event) => take(event.target)}
      />
      <input
        ref={folder}
        type="file"
        webkitdirectory=""
        hidden
        aria-label="A folder"
        onChange={(event) => take(event.target)}
      />
    </div>
  )
}
