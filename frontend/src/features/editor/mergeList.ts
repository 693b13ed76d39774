import type { MergePart } from './merge'

/** A change of a merge as a list tells it: where it is, what it says, and whose it is. */
export interface MergeChange {
  part: MergePart
  /** Its place among the stretches. */
  index: number
  /** The line of the text both began with, from 1. */
  line: number
  words: string
}

const longest = 60

/** The changes of a merge, in the order of the text. */
export function changesOf(parts: readonly MergePart[]): MergeChange[] {
  const changes: MergeChange[] = []
  let line = 1
  parts.forEach((part, index) => {
    if (part.kind !== 'same') changes.push({ part, index, line, words: wordsOf(part) })
    line += part.base.length
  })
  return changes
}

function wordsOf(part: MergePart): string {
  const lines = part.kind === 'theirs' ? part.theirs : part.mine
  const first = lines.find((line) => line.trim() !== '')?.trim()
  if (first === undefined) return lines.length < part.base.length ? 'deleted' : 'empty lines'
  return first.length > longest ? `${first.slice(0, longest)}…` : first
}

/** "2 changes merged, line 5 changed on both sides." */
export function summaryOf(changes: readonly MergeChange[]): string {
  const conflicts = changes.filter(({ part }) => part.kind === 'conflict')
  const merged = changes.length - conflicts.length
  const first = conflicts.map(({ line }) => line)
  const both = `line${first.length === 1 ? '' : 's'} ${first.join(', ')} changed on both sides`
  if (merged === 0) return `${both.charAt(0).toUpperCase()}${both.slice(1)}.`
  return `${merged} change${merged === 1 ? '' : 's'} merged${first.length > 0 ? `, ${both}` : ''}.`
}
