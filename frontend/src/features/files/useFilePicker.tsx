import { useRef } from 'react'
import { fromFileList } from '../../lib/dropped'
import { uploadInto } from './uploads/start'

/** Asks for files, or for a folder, and uploads them. `inputs` must be on the page. */
export function useFilePicker() {
  const files = useRef<HTMLInputElement>(null)
  const folder = useRef<HTMLInputElement>(null)
  const target = useRef('')

  function take(input: HTMLInputElement) {
    const picked = [...(input.files ?? [])]
    input.value = '' // The same files can be chosen again.
    if (picked.length > 0) void uploadInto(target.current, fromFileList(picked))
  }

  return {
    pick: (into: string, asFolder: boolean) => {
      target.current = into
      ;(asFolder ? folder : files).current?.click()
    },
    inputs: (
      <>
        <input ref={files} type="file" multiple hidden aria-label="Files" onChange={(event) => take(event.target)} />
        <input
          ref={folder}
          type="file"
          webkitdirectory=""
          hidden
          aria-label="A folder"
          onChange={(event) => take(event.target)}
        />
      </>
    ),
  }
}
