import { diffLines, splitLines } from './lineDiff'
import { joinLines, type MergePart, mergeTexts } from './merge'

export type Choice = 'mine' | 'theirs' | 'both' | 'base'

/** Decisions by what was to be decided, so that they outlive a newer version of the other side. */
export type Choices = ReadonlyMap<string, Choice>

export const keyOf = (part: MergePart): string => JSON.stringify([part.base, part.mine, part.theirs])

/** A merge as text, and in which of its lines (from 0, end excluded) each conflict stands. */
export interface Composed {
  text: string
  places: Map<MergePart, { from: number; to: number }>
}

/** The text of a merge; what nobody has decided yet stands as it was before. */
export function compose(parts: readonly MergePart[], choices: Choices): Composed {
  const lines: string[] = []
  const places: Composed['places'] = new Map()
  for (const part of parts) {
    const from = lines.length
    lines.push(...linesOf(part, choices))
    if (part.kind === 'conflict') places.set(part, { from, to: lines.length })
  }
  return { text: joinLines(lines), places }
}

function linesOf(part: MergePart, choices: Choices): string[] {
  if (part.kind !== 'conflict') return part.kind === 'theirs' ? part.theirs : part.mine
  const choice = choices.get(keyOf(part)) ?? 'base'
  return choice === 'both' ? [...part.mine, ...part.theirs] : part[choice]
}

/** Carry what was typed into a merge over to its new text; where a new decision meets it, the decision stands. */
export function carryOver(before: string, typed: string, after: string): string {
  return mergeTexts(before, after, typed).text
}

/** The conflicts without a decision that nobody has typed over either, with their first line (from 0) in `result`. */
export function openConflicts(composed: Composed, choices: Choices, result: string): Map<MergePart, number> {
  const changes = diffLines(splitLines(composed.text), splitLines(result))
  const open = new Map<MergePart, number>()
  for (const [part, { from, to }] of composed.places) {
    if (choices.has(keyOf(part))) continue
    const isTyped = changes.some(({ fromA, toA }) => touches(fromA, toA, from, to))
    if (isTyped) continue
    const last = changes.findLast(({ toA }) => toA <= from)
    open.set(part, last ? from - last.toA + last.toB : from)
  }
  return open
}

/** An insertion counts where it stands inside or, of nothing, at the place itself. */
function touches(fromA: number, toA: number, from: number, to: number): boolean {
  if (from === to) return fromA <= from && toA >= from
  return fromA === toA ? fromA > from && fromA < to : fromA < to && toA > from
}

/** A line in three: as in the line before, what is new, and again as before; whole words. */
export function splitChange(before: string, line: string): [string, string, string] {
  const [old, now] = [before.split(/(?<=\s)|(?=\s)/), line.split(/(?<=\s)|(?=\s)/)]
  let head = 0
  while (head < old.length && head < now.length && old[head] === now[head]) head++
  let tail = 0
  while (tail < Math.min(old.length, now.length) - head && old.at(-1 - tail) === now.at(-1 - tail)) tail++
  const end = now.length - tail
  return [now.slice(0, head).join(''), now.slice(head, end).join(''), now.slice(end).join('')]
}
