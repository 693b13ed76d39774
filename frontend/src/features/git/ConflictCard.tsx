import { useMutation } from '@tanstack/react-query'
import { useEffect, useId, useMemo, useRef, useState } from 'react'
import { Button } from '../../components/Button'
import { Chip } from '../../components/Chip'
import { SegmentedControl } from '../../components/Field'
import { ErrorMessage } from '../../components/Note'
import { counted } from '../../lib/format'
import { CodeEditor } from '../editor/CodeEditor'
import { MergeColumns } from '../editor/MergeColumns'
import { mergeParts } from '../editor/merge'
import { useMergeParts } from '../editor/useMergeParts'
import { FileIcon } from '../files/FileIcon'
import styles from './changes.module.css'
import { FlowParts } from './FlowParts'
import merge from './merge.module.css'
import { type GitConflict, gitActs } from './requests'

export interface ConflictProps {
  path: string
  name: string
  conflict: GitConflict
  ours: string
  theirs: string
}

/** One file that both sides changed, and how it is decided. */
export function ConflictCard({ isShown, ...props }: ConflictProps & { isShown: boolean }) {
  const { conflict, name } = props
  const id = useId()
  const card = useRef<HTMLElement>(null)
  const [asText, setAsText] = useState(false)
  useEffect(() => {
    const box = card.current?.parentElement
    if (isShown && box && card.current)
      box.scrollTop += card.current.getBoundingClientRect().top - box.getBoundingClientRect().top - 8
  }, [isShown])
  const hasText = conflict.ours !== null && conflict.theirs !== null
  const isByPart = conflict.parts !== null && !asText
  return (
    <section ref={card} className={styles.card} aria-labelledby={id}>
      <header className={styles.cardHead}>
        <FileIcon name={name} kind="file" />
        <h3 id={id} className={styles.cardTitle}>
          {name}
        </h3>
        <Chip tone="warning">{conflict.conflict}</Chip>
        {conflict.parts !== null && (
          <span className={styles.barEnd}>
            <SegmentedControl
              label={`How ${name} is decided`}
              value={asText ? 'text' : 'parts'}
              onChange={(value) => setAsText(value === 'text')}
              options={[
                { value: 'parts', label: 'Node by node' },
                { value: 'text', label: 'As text' },
              ]}
            />
          </span>
        )}
      </header>
      {isByPart ? <FlowParts {...props} /> : hasText ? <TextConflict {...props} /> : <WholeFile {...props} />}
    </section>
  )
}

/** Both texts beside what they began with, a choice for each conflict, and the result, which takes typing. */
function TextConflict({ path, name, conflict, ours, theirs }: ConflictProps) {
  const parts = useMemo(
    () => mergeParts(conflict.base ?? '', conflict.ours ?? '', conflict.theirs ?? ''),
    [conflict.base, conflict.ours, conflict.theirs],
  )
  const { choices, result, open, total, choose } = useMergeParts(parts)
  const table = useRef<HTMLDivElement>(null)
  const resolving = useMutation({
    mutationFn: () => gitActs.resolve(path, { file: conflict.path, content: result.text }),
  })
  return (
    <div className={merge.text}>
      <MergeColumns
        parts={parts}
        me={ours}
        who={theirs}
        choices={choices}
        open={open}
        onChoose={choose}
        table={table}
        isStill
      />
      <h4 className={merge.resultTitle}>
        Result{' '}
        <span className="secondary">you may type here{open.size > 0 && '; marked lines wait for a decision'}</span>
      </h4>
      <div className={merge.result}>
        <CodeEditor
          document={result}
          path={`Result of ${name}`}
          height="fill"
          markers={[...open.values()].map((line) => ({
            line: line + 1,
            severity: 'warning',
            message: 'Decide above, or type it here',
          }))}
        />
      </div>
      <footer className={merge.foot}>
        <span className="secondary grow" role="status">
          {open.size === 0 ? 'Everything is decided.' : `${open.size} of ${counted(total, 'conflict')} open.`}
        </span>
        <Button
          variant="primary"
          busy={resolving.isPending}
          disabledReason={open.size > 0 ? 'Some lines changed on both sides are not decided yet.' : null}
          onClick={() => resolving.mutate()}
        >
          Resolve {name}
        </Button>
      </footer>
      {resolving.error && <ErrorMessage error={resolving.error} />}
    </div>
  )
}

/** A file that is no text, or that one side deleted: one of the two it is. */
function WholeFile({ path, name, conflict, ours, theirs }: ConflictProps) {
  const resolving = useMutation({
    mutationFn: (take: 'ours' | 'theirs') => gitActs.resolve(path, { file: conflict.path, take }),
  })
  const isGone = { ours: conflict.conflict === 'deleted by us', theirs: conflict.conflict === 'deleted by them' }
  const word = (side: 'ours' | 'theirs', of: string) =>
    isGone[side] ? `Delete ${name}, as ${of} did` : `Take ${name} of ${of}`
  return (
    <div className={merge.text}>
      <p className="secondary">
        {conflict.is_binary
          ? 'It is not text, so its lines cannot be put together.'
          : 'One side decides it as a whole.'}
      </p>
      <footer className={merge.foot}>
        <Button busy={resolving.isPending} onClick={() => resolving.mutate('ours')}>
          {word('ours', ours)}
        </Button>
        <Button busy={resolving.isPending} onClick={() => resolving.mutate('theirs')}>
          {word('theirs', theirs)}
        </Button>
      </footer>
      {resolving.error && <ErrorMessage error={resolving.error} />}
    </div>
  )
}
