import { IconCheck, IconGitMerge } from '@tabler/icons-react'
import {
  Fragment,
  type KeyboardEvent,
  useEffect,
  useEffectEvent,
  useMemo,
  useRef,
  useState,
  useSyncExternalStore,
} from 'react'
import { useStore } from 'zustand'
import { Avatar } from '../../components/Avatar'
import { Button } from '../../components/Button'
import { Dialog } from '../../components/Dialog'
import { classes } from '../../lib/classes'
import { counted } from '../../lib/format'
import { CodeEditor } from './CodeEditor'
import type { FileSession } from './FileSession'
import styles from './MergeDialog.module.css'
import { type MergePart, mergeParts } from './merge'
import { type Choice, type Choices, carryOver, compose, keyOf, openConflicts, splitChange } from './mergeChoices'
import { TextDocument } from './TextDocument'

interface MergeDialogProps {
  file: FileSession
  onClose: () => void
}

/** Both versions of a file beside what they began with, a choice for each conflict, and the result, which takes typing. */
export function MergeDialog({ file, onClose }: MergeDialogProps) {
  const theirs = useStore(file.state, (state) => state.theirs)
  const parts = useMemo(() => {
    const sides = theirs && file.sides
    return sides ? mergeParts(sides.base, sides.mine, sides.theirs.text) : []
  }, [file, theirs])
  const [choices, setChoices] = useState<Choices>(new Map())
  const { result, composed } = useResult(parts, choices)
  const text = useSyncExternalStore(
    (listener) => result.subscribe(listener),
    () => result.text,
  )
  const open = useMemo(() => openConflicts(composed, choices, text), [composed, choices, text])
  const total = composed.places.size
  const isOver = theirs === null
  const over = useEffectEvent(onClose)
  useEffect(() => {
    if (isOver) over()
  }, [isOver])
  const choose = (part: MergePart, choice: Choice) => setChoices((before) => new Map(before).set(keyOf(part), choice))
  const who = theirs?.writtenBy ?? null
  return (
    <Dialog
      title={`Merge ${file.name}`}
      width={1180}
      onClose={onClose}
      keepOpenOutside
      footer={
        <>
          <span className="secondary grow" role="status">
            {open.size === 0 ? 'Everything is decided.' : `${open.size} of ${counted(total, 'conflict')} open.`}
          </span>
          <Button onClick={onClose}>Decide later</Button>
          <Button
            variant="primary"
            icon={<IconGitMerge size={16} stroke={1.5} aria-hidden />}
            disabledReason={open.size > 0 ? 'Some lines changed on both sides are not decided yet.' : null}
            onClick={() => file.resolve(result.text)}
          >
            Finish merge
          </Button>
        </>
      }
    >
      <Columns parts={parts} who={who} choices={choices} open={open} onChoose={choose} />
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
    </Dialog>
  )
}

/** The document of the result. It follows the choices and the other side, and keeps what was typed into it. */
function useResult(parts: readonly MergePart[], choices: Choices) {
  const composed = useMemo(() => compose(parts, choices), [parts, choices])
  const [result] = useState(() => new TextDocument(composed.text))
  const before = useRef(composed.text)
  useEffect(() => {
    const next = carryOver(before.current, result.text, composed.text)
    before.current = composed.text
    result.replace(next, 'person')
  }, [result, composed])
  return { result, composed }
}

interface ColumnsProps {
  parts: readonly MergePart[]
  who: string | null
  choices: Choices
  open: ReadonlyMap<MergePart, number>
  onChoose: (part: MergePart, choice: Choice) => void
}

function Columns({ parts, who, choices, open, onChoose }: ColumnsProps) {
  const table = useRef<HTMLDivElement>(null)
  const first = parts.findIndex((part) => part.kind === 'conflict')
  useEffect(() => {
    const element = table.current?.querySelector('[data-conflict]')
    if (first >= 0) element?.scrollIntoView({ block: 'center' })
  }, [first])
  const numbers = { mine: 1, base: 1, theirs: 1 }
  return (
    // biome-ignore lint/a11y/noStaticElementInteractions: the arrows only move between the buttons inside.
    <div ref={table} className={styles.columns} onKeyDown={moveBetweenConflicts}>
      <div className={styles.head}>Yours</div>
      <div className={styles.head}>Before</div>
      <div className={styles.head}>
        {who && <Avatar name={who} />}
        {who ?? 'Changed elsewhere'}
      </div>
      {parts.map((part, index) => {
        const from = { ...numbers }
        for (const side of ['mine', 'base', 'theirs'] as const) numbers[side] += part[side].length
        return (
          // biome-ignore lint/suspicious/noArrayIndexKey: the stretches have no other name.
          <Fragment key={index}>
            <Lines part={part} side="mine" from={from.mine} />
            <Lines part={part} side="base" from={from.base} />
            <Lines part={part} side="theirs" from={from.theirs} />
            {part.kind === 'conflict' && (
              <ChoiceRow
                label={`Line ${from.base}`}
                choice={choices.get(keyOf(part))}
                isTyped={!open.has(part)}
                onChoose={(choice) => onChoose(part, choice)}
              />
            )}
          </Fragment>
        )
      })}
    </div>
  )
}

const lookOf = (part: MergePart, side: 'mine' | 'base' | 'theirs'): string | undefined => {
  if (part.kind === 'conflict') return styles.conflict
  if (part.kind === 'same' || side === 'base') return undefined
  return part.kind === side || part.kind === 'both' ? styles.changed : undefined
}

function Lines({ part, side, from }: { part: MergePart; side: 'mine' | 'base' | 'theirs'; from: number }) {
  return (
    <div className={classes(styles.lines, lookOf(part, side))} data-side={side}>
      {part[side].map((line, index) => (
        // biome-ignore lint/suspicious/noArrayIndexKey: lines of a fixed text.
        <div key={index} className={styles.line} data-line={from + index}>
          <span>
            <Words line={withoutBreak(line)} before={side === 'base' ? undefined : part.base[index]} />
          </span>
        </div>
      ))}
    </div>
  )
}

const withoutBreak = (line: string): string => line.replace(/\r?\n$/, '')

/** A line, with what is new in it marked. */
function Words({ line, before }: { line: string; before: string | undefined }) {
  const [start, added, end] = before === undefined ? [line, '', ''] : splitChange(withoutBreak(before), line)
  return (
    <>
      {start}
      {added && <ins className={styles.added}>{added}</ins>}
      {end || (start || added ? '' : ' ')}
    </>
  )
}

interface ChoiceRowProps {
  label: string
  choice: Choice | undefined
  isTyped: boolean
  onChoose: (choice: Choice) => void
}

const words: readonly [Choice, string][] = [
  ['mine', 'Take yours'],
  ['both', 'Take both'],
  ['theirs', 'Take theirs'],
]

function ChoiceRow({ label, choice, isTyped, onChoose }: ChoiceRowProps) {
  return (
    <fieldset className={styles.choices} data-conflict>
      <legend className="visually-hidden">{label}</legend>
      {words.map(([value, word]) => (
        <span key={value}>
          <Button
            size="small"
            pressed={choice === value}
            icon={choice === value && <IconCheck size={14} stroke={1.5} aria-hidden />}
            data-choice={value}
            onClick={() => onChoose(value)}
          >
            {word}
          </Button>
          {value === 'both' && !choice && isTyped && <span className="small secondary"> Typed below</span>}
        </span>
      ))}
    </fieldset>
  )
}

/** Up and down go to the same choice of the next conflict. */
function moveBetweenConflicts(event: KeyboardEvent<HTMLElement>): void {
  const step = event.key === 'ArrowDown' ? 1 : event.key === 'ArrowUp' ? -1 : 0
  const button = event.target instanceof HTMLElement ? event.target.closest<HTMLElement>('[data-choice]') : null
  if (step === 0 || !button) return
  const same = [...event.currentTarget.querySelectorAll<HTMLElement>(`[data-choice="${button.dataset.choice}"]`)]
  const next = same[same.indexOf(button) + step]
  if (!next) return
  event.preventDefault()
  next.focus()
  next.scrollIntoView({ block: 'nearest' })
}
