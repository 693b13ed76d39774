import { IconChevronDown, IconChevronUp, IconGitMerge } from '@tabler/icons-react'
import { useSuspenseQuery } from '@tanstack/react-query'
import { useEffect, useEffectEvent, useMemo, useRef, useState } from 'react'
import { useStore } from 'zustand'
import { sessionQuery } from '../../api/session'
import { Button, IconButton } from '../../components/Button'
import { Dialog } from '../../components/Dialog'
import { counted } from '../../lib/format'
import { CodeEditor } from './CodeEditor'
import type { FileSession } from './FileSession'
import { useKeptNotice } from './keptNotice'
import { MergeColumns } from './MergeColumns'
import styles from './MergeDialog.module.css'
import { MergeSide } from './MergeSide'
import { mergeParts } from './merge'
import { changesOf, summaryOf } from './mergeList'
import { useMergeParts } from './useMergeParts'

interface MergeDialogProps {
  file: FileSession
  onClose: () => void
}

/** Both versions of a file beside what they began with, a choice for each conflict, and the result, which takes typing. */
export function MergeDialog({ file, onClose }: MergeDialogProps) {
  const theirs = useStore(file.state, (state) => state.theirs)
  const merge = useMerge(file)
  const withNotice = useKeptNotice(file)
  const { open, result } = merge
  const isOver = theirs === null
  const over = useEffectEvent(onClose)
  useEffect(() => {
    if (isOver) over()
  }, [isOver])
  return (
    <Dialog
      title={`Merge ${file.name}`}
      width={1320}
      onClose={onClose}
      keepOpenOutside
      footer={
        <>
          <span className="secondary grow" role="status">
            {open.size === 0 ? 'Everything is decided.' : `${open.size} of ${counted(merge.total, 'conflict')} open.`}{' '}
            Both versions are kept in the history.
          </span>
          <Button onClick={onClose}>Decide later</Button>
          <Button
            variant="primary"
            icon={<IconGitMerge size={16} stroke={1.5} aria-hidden />}
            disabledReason={open.size > 0 ? 'Some lines changed on both sides are not decided yet.' : null}
            onClick={() => withNotice(() => file.resolve(result.text))}
          >
            Finish merge
          </Button>
        </>
      }
    >
      <MergeBody file={file} merge={merge} who={theirs?.writtenBy ?? null} />
    </Dialog>
  )
}

/** The stretches of the two versions, what was decided of them, and the text that this makes. */
function useMerge(file: FileSession) {
  const theirs = useStore(file.state, (state) => state.theirs)
  const parts = useMemo(() => {
    const sides = theirs && file.sides
    return sides ? mergeParts(sides.base, sides.mine, sides.theirs.text) : []
  }, [file, theirs])
  return useMergeParts(parts)
}

interface MergeBodyProps {
  file: FileSession
  merge: ReturnType<typeof useMerge>
  who: string | null
}

function MergeBody({ file, merge, who }: MergeBodyProps) {
  const { data: session } = useSuspenseQuery(sessionQuery)
  const { parts, choices, open, choose } = merge
  const table = useRef<HTMLDivElement>(null)
  const changes = useMemo(() => changesOf(parts), [parts])
  const me = session?.username ?? ''
  const show = (index: number) =>
    table.current?.querySelector(`[data-part="${index}"]`)?.scrollIntoView({ block: 'center' })
  return (
    <div className={styles.body}>
      <div className={styles.work}>
        <div className={styles.tools}>
          <code>{file.name}</code>
          <span className="small secondary grow">{summaryOf(changes)}</span>
          <Steps changes={changes} onShow={show} />
        </div>
        <MergeColumns parts={parts} me={me} who={who} choices={choices} open={open} onChoose={choose} table={table} />
        <Result file={file} merge={merge} />
      </div>
      <MergeSide name={file.name} changes={changes} me={me} who={who} open={open} onShow={show} />
    </div>
  )
}

/** Goes from conflict to conflict. */
function Steps({ changes, onShow }: { changes: ReturnType<typeof changesOf>; onShow: (index: number) => void }) {
  const conflicts = changes.filter(({ part }) => part.kind === 'conflict')
  const [at, setAt] = useState(0)
  const go = (step: number) => {
    const next = (at + step + conflicts.length) % Math.max(1, conflicts.length)
    setAt(next)
    const conflict = conflicts[next]
    if (conflict) onShow(conflict.index)
  }
  const reason = conflicts.length < 2 ? 'There is only one.' : null
  return (
    <>
      <IconButton
        size="small"
        label="Previous conflict"
        disabledReason={reason}
        icon={<IconChevronUp size={16} stroke={1.5} aria-hidden />}
        onClick={() => go(-1)}
      />
      <IconButton
        size="small"
        label="Next conflict"
        disabledReason={reason}
        icon={<IconChevronDown size={16} stroke={1.5} aria-hidden />}
        onClick={() => go(1)}
      />
    </>
  )
}

function Result({ file, merge }: Pick<MergeBodyProps, 'file' | 'merge'>) {
  const { result, open } = merge
  return (
    <>
      <h3 className={styles.resultTitle}>
        Result{' '}
        <span className="secondary">you may type here{open.size > 0 && '; marked lines wait for a decision'}</span>
      </h3>
      <div className={styles.result}>
        <CodeEditor
          document={result}
          path={`Result of ${file.name}`}
          height="fill"
          markers={[...open.values()].map((line) => ({
            line: line + 1,
            severity: 'warning',
            message: 'Decide above, or type it here',
          }))}
        />
      </div>
    </>
  )
}
