/** Puts the nodes of a graph into rows, from top to bottom, so that edges go down and few of them cross. */

export interface Link {
  from: string
  to: string
  /** Only keeps the order of the rows; does not pull its ends together. */
  isLoose?: boolean
}

const sweeps = 12

/** The rows, each from left to right. `first` stands above and `last` below all others. */
export function layersOf(ids: readonly string[], links: readonly Link[], first: string, last: string): string[][] {
  const { order, kept } = withoutCycles(ids, links)
  const all = withEnds(ids, kept, first, last)
  const rank = ranksOf([first, ...order.filter((id) => id !== first && id !== last), last], all)
  const rows = orderedRows(ids, all, rank)
  const known = new Set(ids)
  return rows.map((row) => row.filter((id) => known.has(id))).filter((row) => row.length > 0)
}

/** The nodes, each before those it leads to, once links that lead back are left out. */
function withoutCycles(ids: readonly string[], links: readonly Link[]): { order: string[]; kept: Link[] } {
  const from = groupedBy(links, 'from')
  const seen = new Map<string, 'open' | 'done'>()
  const back = new Set<Link>()
  const order: string[] = []
  for (const root of ids) {
    if (seen.has(root)) continue
    seen.set(root, 'open')
    const way = [{ id: root, next: 0 }]
    for (let step = way.at(-1); step; step = way.at(-1)) {
      const link = from.get(step.id)?.[step.next]
      step.next += 1
      if (!link) {
        seen.set(step.id, 'done')
        order.push(step.id)
        way.pop()
      } else if (seen.get(link.to) === 'open') {
        back.add(link)
      } else if (!seen.has(link.to)) {
        seen.set(link.to, 'open')
        way.push({ id: link.to, next: 0 })
      }
    }
  }
  return { order: order.toReversed(), kept: links.filter((link) => !back.has(link)) }
}

/** Nothing is above the first or below the last node, also where nothing leads from or to a node. */
function withEnds(ids: readonly string[], links: readonly Link[], first: string, last: string): Link[] {
  const fed = new Set(links.map((link) => link.to))
  const read = new Set(links.map((link) => link.from))
  const loose = ids
    .filter((id) => id !== first && id !== last)
    .flatMap((id): Link[] => [
      ...(fed.has(id) ? [] : [{ from: first, to: id, isLoose: true }]),
      ...(read.has(id) ? [] : [{ from: id, to: last, isLoose: true }]),
    ])
  return [...links, ...loose, { from: first, to: last, isLoose: true }]
}

/** The longest way to each node; what is read more than it reads then stands close above its readers. */
function ranksOf(order: readonly string[], links: readonly Link[]): Map<string, number> {
  const into = groupedBy(links, 'to')
  const from = groupedBy(links, 'from')
  const tight = (group: Link[] | undefined) => group?.filter((link) => !link.isLoose) ?? []
  const rank = new Map<string, number>()
  for (const id of order)
    rank.set(id, Math.max(0, ...(into.get(id) ?? []).map((link) => (rank.get(link.from) ?? 0) + 1)))
  for (const id of order.toReversed().slice(0, -1)) {
    const readers = tight(from.get(id))
    if (readers.length > tight(into.get(id)).length) {
      rank.set(id, Math.min(...readers.map((link) => rank.get(link.to) ?? 0)) - 1)
    }
  }
  return rank
}

function groupedBy(links: readonly Link[], end: 'from' | 'to'): Map<string, Link[]> {
  const groups = new Map<string, Link[]>()
  for (const link of links) add(groups, link[end], link)
  return groups
}

function add<Value>(groups: Map<string, Value[]>, key: string, value: Value): void {
  const group = groups.get(key)
  if (group) group.push(value)
  else groups.set(key, [value])
}

type Neighbors = Map<string, string[]>

/** Each row sorted by the middle of its neighbors, down and up in turn; the order with the fewest crossings is kept. */
function orderedRows(ids: readonly string[], links: readonly Link[], rank: Map<string, number>): string[][] {
  const above: Neighbors = new Map()
  const below: Neighbors = new Map()
  let rows: string[][] = Array.from({ length: Math.max(0, ...rank.values()) + 1 }, () => [])
  for (const id of ids) rows[rank.get(id) ?? 0]?.push(id)
  const connect = (upper: string, lower: string) => {
    add(below, upper, lower)
    add(above, lower, upper)
  }
  links.forEach(({ from, to, isLoose }, index) => {
    if (isLoose) return
    const end = rank.get(to) ?? 0
    let upper = from
    for (let at = (rank.get(from) ?? 0) + 1; at < end; at += 1) {
      const passing = `${index}/${at}` // Where a long edge passes a row, it takes a place in it.
      rows[at]?.push(passing)
      connect(upper, passing)
      upper = passing
    }
    connect(upper, to)
  })
  let best = rows
  let fewest = crossings(rows, below)
  for (let sweep = 0; sweep < sweeps && fewest > 0; sweep += 1) {
    rows = sweep % 2 === 0 ? swept(rows, above) : swept(rows.toReversed(), below).toReversed()
    const count = crossings(rows, below)
    if (count < fewest) [best, fewest] = [rows, count]
  }
  return best
}

function swept(rows: readonly string[][], neighbors: Neighbors): string[][] {
  const result: string[][] = []
  let before = new Map<string, number>()
  for (const row of rows) {
    const middle = new Map(
      row.map((id, index) => {
        const places = (neighbors.get(id) ?? []).map((other) => before.get(other) ?? 0)
        const sum = places.reduce((total, place) => total + place, 0)
        return [id, places.length > 0 ? sum / places.length : index] as const
      }),
    )
    const sorted = row.toSorted((one, other) => (middle.get(one) ?? 0) - (middle.get(other) ?? 0))
    before = placesIn(sorted)
    result.push(sorted)
  }
  return result
}

function crossings(rows: readonly string[][], below: Neighbors): number {
  return rows.slice(0, -1).reduce((sum, row, at) => {
    const place = placesIn(rows[at + 1] ?? [])
    const ends = row.flatMap((id) => (below.get(id) ?? []).map((other) => place.get(other) ?? 0).sort((a, b) => a - b))
    return sum + inversions(ends, place.size)
  }, 0)
}

const placesIn = (row: readonly string[]) => new Map(row.map((id, index) => [id, index] as const))

/** How many pairs are in the wrong order, counted in a Fenwick tree. */
function inversions(values: readonly number[], size: number): number {
  const tree = new Array<number>(size + 1).fill(0)
  let count = 0
  values.forEach((value, before) => {
    let notGreater = 0
    for (let at = value + 1; at > 0; at -= at & -at) notGreater += tree[at] ?? 0
    count += before - notGreater
    for (let at = value + 1; at <= size; at += at & -at) tree[at] = (tree[at] ?? 0) + 1
  })
  return count
}
