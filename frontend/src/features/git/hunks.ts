import { type Hunk, parsePatch } from '../history/patch'

export interface GitHunk {
  /** As git told it, from its `@@` line on: what staging it sends back. */
  raw: string
  hunk: Hunk
  /** Its lines in the later text, from 1; where nothing is left of them, the line before. */
  from: number
  to: number
}

/** The hunks of a file's diff, each with its own text. */
export function hunksOf(text: string): GitHunk[] {
  const starts = [...text.matchAll(/^@@ /gm)].map(({ index }) => index)
  return starts.flatMap((start, order) => {
    const raw = text.slice(start, starts[order + 1] ?? text.length)
    const hunk = parsePatch(raw)[0]
    const range = /^@@ -\S+ \+(\d+)(?:,(\d+))? @@/.exec(raw)
    if (!hunk || !range) return []
    const from = Number(range[1])
    return [{ raw, hunk, from, to: from + Math.max(1, Number(range[2] ?? 1)) - 1 }]
  })
}

/** The lines of the later text that a hunk changes, without those around them. */
export function changedLines({ hunk, from }: GitHunk): [number, number] {
  const changed: number[] = []
  let last = from - 1
  for (const line of hunk.lines) {
    if (line.after !== null) last = line.after
    if (line.kind !== 'same') changed.push(Math.max(1, last))
  }
  return [changed[0] ?? from, changed.at(-1) ?? from]
}

/** "lines 4 to 9", "line 4". */
export function placeOf({ from, to }: GitHunk): string {
  return from === to ? `line ${from}` : `lines ${from} to ${to}`
}

/** "2 lines, −7 words +5"; of whole lines only how many. */
export function wordsOf({ hunk }: GitHunk): string {
  const count = (kind: 'removed' | 'added') => hunk.lines.filter((line) => line.kind === kind)
  const [removed, added] = [count('removed'), count('added')]
  const lines = (number: number) => `${number} line${number === 1 ? '' : 's'}`
  if (removed.length === 0) return `${lines(added.length)} added`
  if (added.length === 0) return `${lines(removed.length)} removed`
  const words = (of: typeof removed) => of.flatMap(({ text }) => text.match(/[\p{L}\p{N}_]+/gu) ?? [])
  const [before, after] = [bag(words(removed)), bag(words(added))]
  return `${lines(Math.max(removed.length, added.length))}, −${beyond(before, after)} words +${beyond(after, before)}`
}

function bag(words: readonly string[]): Map<string, number> {
  const counts = new Map<string, number>()
  for (const word of words) counts.set(word, (counts.get(word) ?? 0) + 1)
  return counts
}

function beyond(a: ReadonlyMap<string, number>, b: ReadonlyMap<string, number>): number {
  let sum = 0
  for (const [word, count] of a) sum += Math.max(0, count - (b.get(word) ?? 0))
  return sum
}
