/** Places the nodes of a small graph in columns from left to right, for a picture of it. */

export interface MiniNode {
  name: string
  kind: string
}

export interface PlacedNode extends MiniNode {
  /** Column from the left, and row within it counted from the middle (…, -0.5, 0.5, …). */
  column: number
  row: number
}

export interface MiniLayout {
  nodes: PlacedNode[]
  edges: [PlacedNode, PlacedNode][]
  columns: number
  rows: number
}

export function miniLayout(nodes: readonly MiniNode[], edges: readonly (readonly [string, string])[]): MiniLayout {
  const known = new Set(nodes.map((node) => node.name))
  const links = edges.filter(([from, to]) => known.has(from) && known.has(to) && from !== to)
  const column = columnsOf(nodes, links)
  const columns = Math.max(0, ...column.values()) + 1
  const placed: PlacedNode[] = []
  let rows = 1
  for (let at = 0; at < columns; at += 1) {
    const inColumn = nodes.filter((node) => column.get(node.name) === at)
    rows = Math.max(rows, inColumn.length)
    inColumn.forEach((node, index) => {
      placed.push({ ...node, column: at, row: index - (inColumn.length - 1) / 2 })
    })
  }
  const byName = new Map(placed.map((node) => [node.name, node]))
  const pairs = links.flatMap(([from, to]): [PlacedNode, PlacedNode][] => {
    const start = byName.get(from)
    const end = byName.get(to)
    return start && end ? [[start, end]] : []
  })
  return { nodes: placed, edges: pairs, columns, rows }
}

/** The longest way to each node, behind the inputs where there are some; a cycle ends after as many rounds as there are nodes. */
function columnsOf(nodes: readonly MiniNode[], links: readonly (readonly [string, string])[]): Map<string, number> {
  const hasEnds = nodes.some((node) => node.kind === 'io')
  const column = new Map(nodes.map((node) => [node.name, hasEnds && node.kind !== 'io' ? 1 : 0]))
  for (let round = 0; round < nodes.length; round += 1) {
    let moved = false
    for (const [from, to] of links) {
      const needed = (column.get(from) ?? 0) + 1
      if (needed > (column.get(to) ?? 0) && needed < nodes.length) {
        column.set(to, needed)
        moved = true
      }
    }
    if (!moved) break
  }
  return column
}
