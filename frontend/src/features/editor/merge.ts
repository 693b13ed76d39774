import { diffLines, type LineChange, splitLines } from './lineDiff'

export interface Merge {
  /** Both sides' changes; where they collide, mine. */
  text: string
  /** Whether some lines were changed on both sides, differently. */
  collides: boolean
}

/** A stretch of three texts: nobody, one side, both alike or both differently changed it. */
export interface MergePart {
  kind: 'same' | 'mine' | 'theirs' | 'both' | 'conflict'
  base: string[]
  mine: string[]
  theirs: string[]
}

/** Three texts side by side, in stretches that joined give each of them again. */
export function mergeParts(base: string, mine: string, theirs: string): MergePart[] {
  const [baseLines, myLines, theirLines] = [splitLines(base), splitLines(mine), splitLines(theirs)]
  const myChanges = diffLines(baseLines, myLines)
  const theirChanges = diffLines(baseLines, theirLines)
  const parts: MergePart[] = []
  let position = 0
  const same = (to: number) => {
    const lines = baseLines.slice(position, to)
    if (lines.length > 0) parts.push({ kind: 'same', base: lines, mine: lines, theirs: lines })
  }
  let [i, j] = [0, 0]
  while (i < myChanges.length || j < theirChanges.length) {
    const group = nextGroup(myChanges, theirChanges, i, j)
    same(group.from)
    const myPart = sideOf(myChanges.slice(i, group.i), group, myLines, baseLines)
    const theirPart = sideOf(theirChanges.slice(j, group.j), group, theirLines, baseLines)
    const isAlike = myPart.join('') === theirPart.join('')
    const kind = group.j === j ? 'mine' : group.i === i ? 'theirs' : isAlike ? 'both' : 'conflict'
    parts.push({ kind, base: baseLines.slice(group.from, group.to), mine: myPart, theirs: theirPart })
    position = group.to
    i = group.i
    j = group.j
  }
  same(baseLines.length)
  return parts
}

/** The changes of two people to one text, put together line by line. */
export function mergeTexts(base: string, mine: string, theirs: string): Merge {
  if (mine === theirs || theirs === base) return { text: mine, collides: false }
  if (mine === base) return { text: theirs, collides: false }
  const parts = mergeParts(base, mine, theirs)
  const lines = parts.flatMap((part) => (part.kind === 'theirs' ? part.theirs : part.mine))
  return { text: joinLines(lines), collides: parts.some((part) => part.kind === 'conflict') }
}

interface Group {
  from: number
  to: number
  /** How many changes of each side have been taken, this group's included. */
  i: number
  j: number
}

/** The next stretch of the base that one or both changed, with everything that touches it. */
function nextGroup(mine: readonly LineChange[], theirs: readonly LineChange[], i: number, j: number): Group {
  const first = Math.min(mine[i]?.fromA ?? Number.POSITIVE_INFINITY, theirs[j]?.fromA ?? Number.POSITIVE_INFINITY)
  const group = { from: first, to: first, i, j }
  for (let grown = true; grown; ) {
    grown = false
    for (let next = mine[group.i]; next && touches(next, group); next = mine[group.i]) {
      group.to = Math.max(group.to, next.toA)
      group.i++
      grown = true
    }
    for (let next = theirs[group.j]; next && touches(next, group); next = theirs[group.j]) {
      group.to = Math.max(group.to, next.toA)
      group.j++
      grown = true
    }
  }
  return group
}

/** Changes of neighboring lines stay apart; insertions at one place belong together. */
function touches(change: LineChange, group: Group): boolean {
  return change.fromA < group.to || (change.fromA === group.from && change.fromA <= group.to)
}

function sideOf(
  changes: readonly LineChange[],
  group: Group,
  lines: readonly string[],
  base: readonly string[],
): string[] {
  const parts: string[] = []
  let position = group.from
  for (const change of changes) {
    parts.push(...base.slice(position, change.fromA), ...lines.slice(change.fromB, change.toB))
    position = change.toA
  }
  return [...parts, ...base.slice(position, group.to)]
}

/** Lines as one text. A last line without break may have come to stand in the middle. */
export function joinLines(parts: readonly string[]): string {
  const eol = parts.some((part) => part.endsWith('\r\n')) ? '\r\n' : '\n'
  return parts.map((part, index) => (index < parts.length - 1 && !part.endsWith('\n') ? part + eol : part)).join('')
}
