import { useState } from 'react'
import { exportAddress } from '../../api/flows'
import { Button } from '../../components/Button'
import { Dialog } from '../../components/Dialog'
import { Checkbox } from '../../components/Field'
import { download } from '../../lib/download'
import { baseName } from '../../lib/paths'
import styles from './ImportDialogs.module.css'

/** What of a folder goes into its zip. */
export function ExportDialog({ path, onClose }: { path: string; onClose: () => void }) {
  const [git, setGit] = useState(false)
  const [ignored, setIgnored] = useState(true)
  const leftOut = [
    '.promptflow (results of test runs)',
    '__pycache__',
    !git && '.git (the folder’s versions in git)',
    !ignored && 'what a .gitignore names',
  ].filter((each) => each !== false)
  return (
    <Dialog
      title={`Export ${baseName(path)}`}
      width={440}
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
            onClick={() => {
              download(exportAddress(path, { git, ignored }))
              onClose()
            }}
          >
            Export as zip
          </Button>
        </>
      }
    >
      <div className={styles.parts}>
        <Checkbox label="With .git, so that the versions in git come along" checked={git} onChange={setGit} />
        <Checkbox label="With files that a .gitignore names" checked={ignored} onChange={setIgnored} />
        <p className="secondary" role="status">
          Left out: {leftOut.join(', ')}. The zip’s comment lists what there was of it. The same folder makes the same
          zip, byte for byte.
        </p>
      </div>
    </Dialog>
  )
}
