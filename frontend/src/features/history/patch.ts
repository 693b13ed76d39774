import { diffLines } from '../editor/lineDiff'

export interface PatchLine {
  kind: 'same' | 'removed' | 'added'
  /** Its number in the earlier and in the later text, from 1; null where it does not stand there. */
  before: number | null
  after: number | null
  text: string
  /** The last line of its text, which ends without a line break. */
  isUnended: boolean
}

export interface Hunk {
  /** The line around it that git found worth telling, such as the function it is in. */
  heading: string
  lines: PatchLine[]
}

const head = /^@@ -(\d+)(?:,\d+)? \+(\d+)(?:,\d+)? @@ ?(.*)$/
const kinds: Record<string, PatchLine['kind']> = { ' ': 'same', '': 'same', '-': 'removed', '+': 'added' }

/** The hunks of a unified diff. What it does not understand, it passes over. */
export function parsePatch(text: string): Hunk[] {
  const hunks: Hunk[] = []
  let [before, after] = [0, 0]
  for (const row of text.replace(/\n$/, '').split('\n')) {
    const found = head.exec(row)
    const hunk = hunks.at(-1)
    if (found) {
      before = Number(found[1])
      after = Number(found[2])
      hunks.push({ heading: found[3] ?? '', lines: [] })
      continue
    }
    if (row.startsWith('\\')) {
      const last = hunk?.lines.at(-1)
      if (last) last.isUnended = true
      continue
    }
    const kind = kinds[row.charAt(0)]
    if (!hunk || !kind) continue
    hunk.lines.push({
      kind,
      before: kind === 'added' ? null : before++,
      after: kind === 'removed' ? null : after++,
      text: row.slice(1).replace(/\r$/, ''),
      isUnended: false,
    })
  }
  return hunks
}

/** A line of each side; what changed stands beside what it became. */
export interface PatchPair {
  left: PatchLine | null
  right: PatchLine | null
}

export function pairLines(lines: readonly PatchLine[]): PatchPair[] {
  const pairs: PatchPair[] = []
  let removed: PatchLine[] = []
  let added: PatchLine[] = []
  const flush = () => {
    for (let index = 0; index < Math.max(removed.length, added.length); index++) {
      pairs.push({ left: removed[index] ?? null, right: added[index] ?? null })
    }
    removed = []
    added = []
  }
  for (const line of lines) {
    if (line.kind === 'removed') {
      if (added.length > 0) flush()
      removed.push(line)
    } else if (line.kind === 'added') added.push(line)
    else {
      flush()
      pairs.push({ left: line, right: line })
    }
  }
  flush()
  return pairs
}

/** A piece of a line, and whether the other side's line is without it. */
export interface Piece {
  text: string
  isChanged: boolean
}

const longestLine = 2000

/** What of two lines differs, by words; null where so little is alike that marking words would say nothing. */
export function markWords(before: string, after: string): { before: Piece[]; after: Piece[] } | null {
  if (before.length > longestLine || after.length > longestLine) return null
  const words = (line: string) => line.match(/[\p{L}\p{N}_]+|\s+|[^\p{L}\p{N}_\s]/gu) ?? []
  const [old, now] = [words(before), words(after)]
  const changes = diffLines(old, now)
  const kept = old.join('').length - changes.reduce((sum, { fromA, toA }) => sum + widthOf(old, fromA, toA), 0)
  const isAlike = kept >= Math.max(before.trim().length, after.trim().length) * 0.3
  if (!isAlike) return null
  return {
    before: pieces(
      old,
      changes.map(({ fromA, toA }) => [fromA, toA]),
    ),
    after: pieces(
      now,
      changes.map(({ fromB, toB }) => [fromB, toB]),
    ),
  }
}

const widthOf = (words: readonly string[], from: number, to: number) => words.slice(from, to).join('').length

/** The spaces between two changed words count as changed: the eye takes them as one. */
function joined(words: readonly string[], changed: readonly (readonly [number, number])[]): [number, number][] {
  const wide: [number, number][] = []
  for (const [from, to] of changed) {
    const last = wide.at(-1)
    if (last && last[0] < last[1] && from < to && words.slice(last[1], from).join('').trim() === '') last[1] = to
    else wide.push([from, to])
  }
  return wide
}

function pieces(words: readonly string[], changed: readonly (readonly [number, number])[]): Piece[] {
  const found: Piece[] = []
  let at = 0
  const put = (to: number, isChanged: boolean) => {
    if (to > at) found.push({ text: words.slice(at, to).join(''), isChanged })
    at = Math.max(at, to)
  }
  for (const [from, to] of joined(words, changed)) {
    put(from, false)
    put(to, true)
  }
  put(words.length, false)
  return found
}

export interface PatchCounts {
  added: number
  removed: number
}

export function countPatch(hunks: readonly Hunk[]): PatchCounts {
  const lines = hunks.flatMap((hunk) => hunk.lines)
  return {
    added: lines.filter((line) => line.kind === 'added').length,
    removed: lines.filter((line) => line.kind === 'removed').length,
  }
}
