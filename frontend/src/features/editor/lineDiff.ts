/** A stretch of lines that differs: `[fromA, toA)` of the one text stands where `[fromB, toB)` does in the other. */
export interface LineChange {
  fromA: number
  toA: number
  fromB: number
  toB: number
}

/** Each line with its line break, so that joining them gives the text again. */
export function splitLines(text: string): string[] {
  return text.match(/[^\n]*\n|[^\n]+$/g) ?? []
}

/** What differs between two lists of lines, by Myers' algorithm; far apart texts count as one change. */
export function diffLines(a: readonly string[], b: readonly string[]): LineChange[] {
  let head = 0
  while (head < a.length && head < b.length && a[head] === b[head]) head++
  let tail = 0
  while (tail < a.length - head && tail < b.length - head && a.at(-1 - tail) === b.at(-1 - tail)) tail++
  const middleA = a.slice(head, a.length - tail)
  const middleB = b.slice(head, b.length - tail)
  if (middleA.length === 0 && middleB.length === 0) return []
  const pairs = matchLines(middleA, middleB)
  if (!pairs) return [{ fromA: head, toA: a.length - tail, fromB: head, toB: b.length - tail }]
  return gaps(pairs, middleA.length, middleB.length).map((change) => ({
    fromA: change.fromA + head,
    toA: change.toA + head,
    fromB: change.fromB + head,
    toB: change.toB + head,
  }))
}

const maxDistance = 1500

/** The pairs of equal lines on a shortest way from `a` to `b`; null when they differ too much. */
function matchLines(a: readonly string[], b: readonly string[]): [number, number][] | null {
  const limit = Math.min(a.length + b.length, maxDistance)
  let reach = new Map<number, number>([[1, 0]])
  const history: Map<number, number>[] = []
  for (let distance = 0; distance <= limit; distance++) {
    history.push(new Map(reach))
    const next = new Map(reach)
    for (let diagonal = -distance; diagonal <= distance; diagonal += 2) {
      let x = startOf(reach, diagonal, distance)
      while (x < a.length && x - diagonal < b.length && a[x] === b[x - diagonal]) x++
      next.set(diagonal, x)
      if (x >= a.length && x - diagonal >= b.length) return wayBack(history, a.length, b.length)
    }
    reach = next
  }
  return null
}

function startOf(reach: Map<number, number>, diagonal: number, distance: number): number {
  const below = reach.get(diagonal - 1) ?? -1
  const above = reach.get(diagonal + 1) ?? -1
  const goDown = diagonal === -distance || (diagonal !== distance && below < above)
  return goDown ? above : below + 1
}

function wayBack(history: readonly Map<number, number>[], lengthA: number, lengthB: number): [number, number][] {
  const pairs: [number, number][] = []
  let x = lengthA
  let y = lengthB
  for (let distance = history.length - 1; distance >= 0; distance--) {
    const reach = history[distance] ?? new Map<number, number>()
    const diagonal = x - y
    const goDown =
      diagonal === -distance ||
      (diagonal !== distance && (reach.get(diagonal - 1) ?? -1) < (reach.get(diagonal + 1) ?? -1))
    const previous = goDown ? diagonal + 1 : diagonal - 1
    const previousX = reach.get(previous) ?? 0
    const previousY = previousX - previous
    while (x > previousX && y > previousY && x > 0 && y > 0) pairs.push([--x, --y])
    x = previousX
    y = previousY
  }
  return pairs.reverse()
}

function gaps(pairs: readonly [number, number][], lengthA: number, lengthB: number): LineChange[] {
  const changes: LineChange[] = []
  let fromA = 0
  let fromB = 0
  for (const [a, b] of [...pairs, [lengthA, lengthB] as const]) {
    if (a > fromA || b > fromB) changes.push({ fromA, toA: a, fromB, toB: b })
    fromA = a + 1
    fromB = b + 1
  }
  return changes
}
