import { useState } from 'react'
import { Button } from '../../../components/Button'
import { Dialog } from '../../../components/Dialog'
import { Checkbox } from '../../../components/Field'
import { Time } from '../../../components/Time'
import { counted, formatBytes } from '../../../lib/format'
import { baseName, parentPath } from '../../../lib/paths'
import type { Clash, ClashChoice } from './state'
import styles from './uploads.module.css'

/** Asks what becomes of a file whose name is taken; one answer can stand for all. */
export function ClashDialog({ clash }: { clash: Clash }) {
  const { path, entry, size, others } = clash
  const [isForAll, setForAll] = useState(others > 0)
  const isFile = entry.kind === 'file'
  const answer = (choice: ClashChoice) => clash.answer(choice, isForAll)
  return (
    <Dialog
      title={`${baseName(path)} is already there`}
      onClose={() => clash.answer('skip', true)}
      footer={
        <>
          <span className="grow" />
          <Button size="large" onClick={() => answer('skip')}>
            Skip
          </Button>
          <Button size="large" onClick={() => answer('keep both')}>
            Keep both
          </Button>
          <Button
            size="large"
            variant="primary"
            disabledReason={isFile ? null : 'A file cannot replace a folder.'}
            onClick={() => answer('replace')}
          >
            Replace
          </Button>
        </>
      }
    >
      <div className={styles.clash}>
        <p>
          {isFile ? 'A file' : 'A folder'} of this name is in <span className="mono">{parentPath(path)}</span>.
        </p>
        {isFile && (
          <dl className={styles.facts}>
            <dt>There</dt>
            <dd>
              {formatBytes(entry.size ?? 0)}, changed <Time at={entry.modified} />
            </dd>
            <dt>Yours</dt>
            <dd>{formatBytes(size)}</dd>
          </dl>
        )}
        {others > 0 && (
          <Checkbox
            label={`Do the same with ${counted(others, 'other file')} whose name is taken`}
            checked={isForAll}
            onChange={setForAll}
          />
        )}
      </div>
    </Dialog>
  )
}
