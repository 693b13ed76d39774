import { IconGitMerge } from '@tabler/icons-react'
import { lazy, Suspense, useState } from 'react'
import { useStore } from 'zustand'
import { Button } from '../../components/Button'
import { Note } from '../../components/Note'
import { Time } from '../../components/Time'
import type { FileSession, SaveState } from './FileSession'
import { useKeptNotice } from './keptNotice'

const MergeDialog = lazy(() => import('./MergeDialog').then((module) => ({ default: module.MergeDialog })))

/** Saving goes on only when the studio is back, or somebody decides. */
const isHeldUp = (save: SaveState): boolean => save === 'conflict' || save === 'retrying' || save === 'refused'

/** What somebody has to decide about a file's text: a conflict, or edits of an earlier visit. */
export function FileNotes({ file }: { file: FileSession }) {
  const { save, offers, isUnkept } = useStore(file.state)
  return (
    <>
      {isUnkept && isHeldUp(save) && (
        <Note bar tone="danger" role="alert">
          This browser could not keep your edits to <code>{file.name}</code>: it has no room, or forbids it. Leave this
          page open until they are saved.
        </Note>
      )}
      {save === 'conflict' && <ConflictNote file={file} />}
      {offers.map((draft) => (
        <Note
          key={draft.id}
          bar
          tone="info"
          role="status"
          actions={
            <>
              <Button size="small" onClick={() => file.discardOffer(draft)}>
                Discard edits
              </Button>
              <Button
                size="small"
                variant="primary"
                disabledReason={save === 'conflict' ? 'Decide the conflict in this file first.' : null}
                onClick={() => void file.takeOffer(draft)}
              >
                Merge and save
              </Button>
            </>
          }
        >
          Edits of yours to <code>{file.name}</code> from <Time at={draft.at} /> are not saved, because the studio was
          away. This browser has kept them.
        </Note>
      ))}
    </>
  )
}

function ConflictNote({ file }: { file: FileSession }) {
  const [isOpen, setOpen] = useState(false)
  const theirs = useStore(file.state, (state) => state.theirs)
  const isUnkept = useStore(file.state, (state) => state.isUnkept)
  const withNotice = useKeptNotice(file)
  return (
    <>
      <Note
        bar
        tone="warning"
        role="alert"
        actions={
          <>
            <Button size="small" onClick={() => file.keepMine()}>
              Keep mine
            </Button>
            <Button size="small" onClick={() => withNotice(() => file.takeTheirs())}>
              Take theirs
            </Button>
            <Button
              size="small"
              variant="primary"
              icon={<IconGitMerge size={14} stroke={1.5} aria-hidden />}
              onClick={() => setOpen(true)}
            >
              Open merge
            </Button>
          </>
        }
      >
        <strong className="medium">
          Changed {theirs?.writtenBy ? `by ${theirs.writtenBy}` : 'elsewhere'} in the same lines:
        </strong>{' '}
        <code>{file.name}</code>. {!isUnkept && 'Your text is kept in this browser until you decide.'}
      </Note>
      {isOpen && (
        <Suspense>
          <MergeDialog file={file} onClose={() => setOpen(false)} />
        </Suspense>
      )}
    </>
  )
}
