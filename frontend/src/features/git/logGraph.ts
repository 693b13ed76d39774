/** A line of the graph within one row: from a lane at the top or the dot, to a lane at the bottom or the dot. */
export interface GraphLine {
  from: { lane: number; at: 'top' | 'dot' }
  to: { lane: number; at: 'bottom' | 'dot' }
  /** Which of the colors it has: those of a branch stay. */
  color: number
}

export interface GraphRow {
  lane: number
  color: number
  lines: GraphLine[]
}

interface Lane {
  /** The commit that the lane leads to. */
  waitsFor: string
  color: number
}

/** The commits of a log as a graph: a lane for each line of history, newest at the top. */
export function graphRows(commits: readonly { id: string; parents: readonly string[] }[]): GraphRow[] {
  let lanes: (Lane | null)[] = []
  let colors = 0
  return commits.map(({ id, parents }) => {
    const known = lanes.findIndex((lane) => lane?.waitsFor === id)
    const lane = known >= 0 ? known : freeLane(lanes)
    const color = lanes[lane]?.color ?? colors++
    const lines: GraphLine[] = []
    const next: (Lane | null)[] = lanes.map((each, index) => {
      if (!each) return null
      const ends = each.waitsFor === id
      lines.push({
        from: { lane: index, at: 'top' },
        to: ends ? { lane, at: 'dot' } : { lane: index, at: 'bottom' },
        color: each.color,
      })
      return ends ? null : each
    })
    parents.forEach((parent, order) => {
      const other = next.findIndex((each) => each?.waitsFor === parent)
      const goesTo = other >= 0 ? other : order === 0 && !next[lane] ? lane : freeLane(next)
      const ofLine = other >= 0 ? (order === 0 ? color : (next[other]?.color ?? color)) : order === 0 ? color : colors++
      if (other < 0) next[goesTo] = { waitsFor: parent, color: ofLine }
      lines.push({ from: { lane, at: 'dot' }, to: { lane: goesTo, at: 'bottom' }, color: ofLine })
    })
    while (next.length > 0 && !next.at(-1)) next.pop()
    lanes = next
    return { lane, color, lines }
  })
}

function freeLane(lanes: readonly (Lane | null)[]): number {
  const free = lanes.indexOf(null)
  return free < 0 ? lanes.length : free
}
