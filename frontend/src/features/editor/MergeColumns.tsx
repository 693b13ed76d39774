import { IconCheck, IconGitMerge, IconHistory } from '@tabler/icons-react'
import { Fragment, type KeyboardEvent, type RefObject, useEffect } from 'react'
import { Avatar } from '../../components/Avatar'
import { Button } from '../../components/Button'
import { classes } from '../../lib/classes'
import { markWords, type Piece } from '../history/patch'
import styles from './MergeDialog.module.css'
import type { MergePart } from './merge'
import { type Choice, type Choices, keyOf } from './mergeChoices'

type Side = 'mine' | 'base' | 'theirs'

interface MergeColumnsProps {
  parts: readonly MergePart[]
  /** Who is here, and who saved the other version where the studio knows. */
  me: string
  who: string | null
  choices: Choices
  open: ReadonlyMap<MergePart, number>
  onChoose: (part: MergePart, choice: Choice) => void
  table: RefObject<HTMLDivElement | null>
  /** Leaves what is around it where it is scrolled to. */
  isStill?: boolean
}

/** Both versions beside what they began with, line by line, and a choice under each conflict. */
export function MergeColumns({ parts, me, who, choices, open, onChoose, table, isStill }: MergeColumnsProps) {
  const first = parts.findIndex((part) => part.kind === 'conflict')
  useEffect(() => {
    const element = table.current?.querySelector('[data-conflict]')
    if (first >= 0 && !isStill) element?.scrollIntoView({ block: 'center' })
  }, [first, table, isStill])
  const numbers = { mine: 1, base: 1, theirs: 1 }
  return (
    // biome-ignore lint/a11y/noStaticElementInteractions: the arrows only move between the buttons inside.
    <div ref={table} className={styles.columns} onKeyDown={moveBetweenConflicts}>
      <Heads me={me} who={who} />
      {parts.map((part, index) => {
        const from = { ...numbers }
        for (const side of ['mine', 'base', 'theirs'] as const) numbers[side] += part[side].length
        return (
          // biome-ignore lint/suspicious/noArrayIndexKey: the stretches have no other name.
          <Fragment key={index}>
            <Lines part={part} side="mine" from={from.mine} index={index} />
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

function Heads({ me, who }: { me: string; who: string | null }) {
  return (
    <>
      <div className={styles.head}>
        <Avatar name={me} />
        Yours
      </div>
      <div className={styles.head}>
        <IconHistory size={14} stroke={1.5} aria-hidden />
        Before
      </div>
      <div className={styles.head}>
        {who && <Avatar name={who} />}
        {who ?? 'Changed elsewhere'}
      </div>
    </>
  )
}

const lookOf = (part: MergePart, side: Side): string | undefined => {
  if (part.kind === 'conflict') return styles.conflict
  if (part.kind === 'same' || side === 'base') return undefined
  return part.kind === side || part.kind === 'both' ? styles.changed : undefined
}

interface LinesProps {
  part: MergePart
  side: Side
  from: number
  /** Marks the place of the stretch for whoever wants it in sight. */
  index?: number
}

function Lines({ part, side, from, index }: LinesProps) {
  return (
    <div className={classes(styles.lines, lookOf(part, side))} data-side={side} data-part={index}>
      {part[side].map((line, place) => (
        // biome-ignore lint/suspicious/noArrayIndexKey: lines of a fixed text.
        <div key={place} className={styles.line} data-line={from + place}>
          <span>
            <Words part={part} side={side} place={place} line={withoutBreak(line)} />
          </span>
        </div>
      ))}
    </div>
  )
}

const withoutBreak = (line: string): string => line.replace(/\r?\n$/, '')

/** What a line says, with what is new in it, or what somebody took out of it, marked. */
function Words({ part, side, place, line }: { part: MergePart; side: Side; place: number; line: string }) {
  const pieces = piecesOf(part, side, place, line)
  if (!pieces) return line || ' '
  const Mark = side === 'base' ? 'del' : 'ins'
  return pieces.map((piece, index) =>
    piece.isChanged ? (
      // biome-ignore lint/suspicious/noArrayIndexKey: pieces of a fixed text.
      <Mark key={index} className={styles.word}>
        {piece.text}
      </Mark>
    ) : (
      piece.text
    ),
  )
}

function piecesOf(part: MergePart, side: Side, place: number, line: string): Piece[] | null {
  if (part.kind === 'same') return null
  // The line before is held against the one side that changed it, and in a conflict against one's own.
  const other = side === 'base' ? (part.kind === 'theirs' ? part.theirs : part.mine) : part.base
  const against = other[place]
  if (against === undefined || withoutBreak(against) === line) return null
  const marked =
    side === 'base' ? markWords(line, withoutBreak(against))?.before : markWords(withoutBreak(against), line)?.after
  return marked ?? null
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
            icon={
              value === 'both' ? (
                <IconGitMerge size={14} stroke={1.5} aria-hidden />
              ) : (
                <IconCheck size={14} stroke={1.5} aria-hidden />
              )
            }
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
