import { IconCheck } from '@tabler/icons-react'
import { useMutation } from '@tanstack/react-query'
import { useState } from 'react'
import { Button } from '../../components/Button'
import { ErrorMessage } from '../../components/Note'
import { classes } from '../../lib/classes'
import { markWords } from '../history/patch'
import type { ConflictProps } from './ConflictCard'
import merge from './merge.module.css'
import { type GitConflictPart, gitActs } from './requests'

type Side = 'base' | 'ours' | 'theirs'

/** A flow file decided node by node: each value that both sides changed, with a choice under it. */
export function FlowParts({ path, name, conflict, ours, theirs }: ConflictProps) {
  const [choices, setChoices] = useState<Readonly<Record<string, Side>>>({})
  const parts = conflict.parts ?? []
  const open = parts.filter((part) => part.state === 'conflict' && !(part.id in choices)).length
  const resolving = useMutation({
    mutationFn: () => gitActs.resolve(path, { file: conflict.path, parts: choices }),
  })
  const takeAll = (side: Side) =>
    setChoices(Object.fromEntries(parts.filter(({ state }) => state === 'conflict').map(({ id }) => [id, side])))
  return (
    <div className={merge.parts}>
      <div className={merge.heads}>
        <span>Yours · {ours}</span>
        <span>Before</span>
        <span>Theirs · {theirs}</span>
      </div>
      {groupsOf(parts).map(({ title, parts: shown }) => (
        <section key={title} aria-label={title} className={merge.node}>
          <h4 className={merge.nodeTitle}>{title}</h4>
          {shown.map((part) => (
            <Part
              key={part.id}
              part={part}
              choice={choices[part.id]}
              onChoose={(side) => setChoices({ ...choices, [part.id]: side })}
            />
          ))}
        </section>
      ))}
      <footer className={merge.foot}>
        <span className="secondary grow" role="status">
          {open === 0 ? 'Everything is decided.' : `${open} ${open === 1 ? 'part' : 'parts'} open.`}
        </span>
        <Button size="small" onClick={() => takeAll('ours')}>
          Take all of yours
        </Button>
        <Button size="small" onClick={() => takeAll('theirs')}>
          Take all of theirs
        </Button>
        <Button
          variant="primary"
          busy={resolving.isPending}
          disabledReason={open > 0 ? 'Some parts changed on both sides are not decided yet.' : null}
          onClick={() => resolving.mutate()}
        >
          Resolve {name}
        </Button>
      </footer>
      {resolving.error && <ErrorMessage error={resolving.error} />}
    </div>
  )
}

interface Group {
  title: string
  parts: GitConflictPart[]
}

/** Nodes in the order of the file; what belongs to none by where it stands. */
function groupsOf(parts: readonly GitConflictPart[]): Group[] {
  const groups = new Map<string, Group>()
  for (const part of parts) {
    const title = part.node ?? part.id.split('/')[0] ?? ''
    const group = groups.get(title) ?? { title, parts: [] }
    group.parts.push(part)
    groups.set(title, group)
  }
  return [...groups.values()]
}

interface PartProps {
  part: GitConflictPart
  choice: Side | undefined
  onChoose: (side: Side) => void
}

const decided = { ours: 'yours', theirs: 'theirs', both: 'the same on both sides' } as const
const words: readonly [Side, string][] = [
  ['ours', 'Take yours'],
  ['base', 'Take before'],
  ['theirs', 'Take theirs'],
]

function Part({ part, choice, onChoose }: PartProps) {
  const label = part.label || part.node || part.id
  const isConflict = part.state === 'conflict'
  return (
    <fieldset className={classes(merge.part, isConflict && choice === undefined && merge.open)}>
      <legend className="visually-hidden">{label}</legend>
      <div className={merge.partHead}>
        <span className="mono">{label}</span>
        {part.state === 'conflict' ? (
          <span className={choice === undefined ? merge.waits : merge.done}>
            {choice === undefined ? 'decide' : 'decided'}
          </span>
        ) : (
          <span className={merge.done}>
            <IconCheck size={14} stroke={1.5} aria-hidden /> merged: {decided[part.state]}
          </span>
        )}
      </div>
      <div className={merge.sides}>
        {words.map(([side]) => (
          <SideText key={side} part={part} side={side} isChosen={choice === side} />
        ))}
      </div>
      {isConflict && (
        <div className={merge.sides}>
          {words.map(([side, word]) => (
            <span key={side} className={merge.choice}>
              <Button
                size="small"
                pressed={choice === side}
                icon={<IconCheck size={14} stroke={1.5} aria-hidden />}
                aria-label={`${word}: ${label}`}
                onClick={() => onChoose(side)}
              >
                {word}
              </Button>
            </span>
          ))}
        </div>
      )}
    </fieldset>
  )
}

function SideText({ part, side, isChosen }: { part: GitConflictPart; side: Side; isChosen: boolean }) {
  const text = part[side]
  if (text === null) return <p className={classes(merge.side, merge.missing, isChosen && merge.chosen)}>not there</p>
  const pieces = side === 'base' || part.base === null ? null : markWords(part.base, text)?.after
  return (
    <pre className={classes(merge.side, isChosen && merge.chosen)}>
      {pieces
        ? pieces.map((piece, index) =>
            // biome-ignore lint/suspicious/noArrayIndexKey: pieces of a fixed text.
            piece.isChanged ? <ins key={index}>{piece.text}</ins> : piece.text,
          )
        : text}
    </pre>
  )
}
