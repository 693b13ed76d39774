import type { GalleryEntry } from '../../api/gallery'
import { flowTypes, nodeKind } from '../../components/Kind'
import type { FlowPicture } from '../../lib/flowPicture'

/** The gallery's empty flows stand in the dialog as kinds, not as examples. */
export function isBlank(entry: GalleryEntry): boolean {
  return entry.name in flowTypes
}

export function blankOf(entries: readonly GalleryEntry[], type: string): GalleryEntry | undefined {
  return entries.find((entry) => isBlank(entry) && entry.type === type)
}

/** An example's graph between its inputs and its outputs, as flows are drawn everywhere. */
export function galleryPicture(entry: GalleryEntry): FlowPicture {
  const { nodes, edges } = entry.graph
  const fed = new Set(edges.map(([, to]) => to))
  const used = new Set(edges.map(([from]) => from))
  const [start, end] = [' inputs', ' outputs']
  return {
    nodes: [
      { name: start, kind: 'io' },
      ...nodes.map(({ name, kind }) => ({ name, kind: nodeKind(kind) })),
      { name: end, kind: 'io' },
    ],
    edges: [
      ...nodes.filter(({ name }) => !fed.has(name)).map(({ name }): [string, string] => [start, name]),
      ...edges,
      ...nodes.filter(({ name }) => !used.has(name)).map(({ name }): [string, string] => [name, end]),
    ],
  }
}
