import type { FlowModel } from '../../yaml/flow'
import { changedLines, type GitHunk, hunksOf } from './hunks'
import type { GitFileDiff } from './requests'

/** One hunk of a file, or all that is told of a file without hunks. */
export interface ShownChange {
  file: GitFileDiff
  hunk: GitHunk | null
  /** Null between commits, where nothing is staged. */
  isStaged: boolean | null
}

export interface ChangeGroup {
  /** The node; null for what belongs to none. */
  node: string | null
  type: string
  title: string
  changes: ShownChange[]
}

export interface DiffPart {
  files: readonly GitFileDiff[]
  isStaged: boolean | null
}

export function allChanges(parts: readonly DiffPart[]): ShownChange[] {
  return parts.flatMap(({ files, isStaged }) =>
    files.flatMap((file): ShownChange[] => {
      const hunks = hunksOf(file.text ?? '')
      return hunks.length > 0 ? hunks.map((hunk) => ({ file, hunk, isStaged })) : [{ file, hunk: null, isStaged }]
    }),
  )
}

/** Change by change, file after file. */
export function byFile(changes: readonly ShownChange[], nameOf: (path: string) => string): ChangeGroup[] {
  const groups = new Map<string, ChangeGroup>()
  for (const change of changes) {
    const { path } = change.file
    const group = groups.get(path) ?? { node: null, type: '', title: nameOf(path), changes: [] }
    group.changes.push(change)
    groups.set(path, group)
  }
  return [...groups.values()]
}

interface FlowPlaces {
  /** The flow as it is in the later text. */
  model: FlowModel
  flowFile: string
  /** A path below the repository, as the flow names it; null outside of the flow. */
  inFlow: (path: string) => string | null
  /** The nodes that are not in the later text any more, with their kind. */
  removed: readonly { name: string; type: string | null }[]
}

/** What belongs to a node under its name, in the order of the flow; then the flow's own ends, then other files. */
export function byNode(changes: readonly ShownChange[], places: FlowPlaces): ChangeGroup[] {
  const { model, inFlow, flowFile } = places
  const owners = new Map<string, string>()
  for (const node of [...model.nodes].reverse()) {
    for (const { sourcePath } of [node.body, ...node.variants.map(({ body }) => body)])
      owners.set(sourcePath, node.name)
  }
  const toDisk = lineMap(changes, flowFile)
  const nodes = new Map<string, ShownChange[]>()
  const rest: ShownChange[] = []
  for (const change of changes) {
    const name = inFlow(change.file.path)
    const node =
      change.file.path === flowFile ? nodeAt(change, places, toDisk) : name === null ? null : (owners.get(name) ?? null)
    if (node === null) rest.push(change)
    else nodes.set(node, [...(nodes.get(node) ?? []), change])
  }
  const known = [...model.nodes.map(({ name, body }) => ({ name, type: body.type })), ...places.removed]
  const groups = known.flatMap(({ name, type }): ChangeGroup[] => {
    const found = nodes.get(name)
    return found ? [{ node: name, type: type ?? '', title: name, changes: found }] : []
  })
  return [...groups, ...byFile(rest, (path) => inFlow(path) ?? path)]
}

/** The node that a hunk of the flow file is about. */
function nodeAt(change: ShownChange, { model, removed }: FlowPlaces, toDisk: (line: number) => number): string | null {
  const { hunk } = change
  if (!hunk) return null
  const gone = removed.find(({ name }) =>
    hunk.hunk.lines.some(({ kind, text }) => kind === 'removed' && names(text, name)),
  )
  if (gone) return gone.name
  const [first, last] = changedLines(hunk).map((line) => (change.isStaged ? toDisk(line) : line)) as [number, number]
  const starts = [
    ...model.nodes.map(({ name, span }) => ({ name, line: span.line })),
    ...model.nodes.flatMap(({ name, variants }) => variants.map(({ span }) => ({ name, line: span.line }))),
    ...[...model.inputs, ...model.outputs].map(({ span }) => ({ name: null, line: span.line })),
  ].sort((a, b) => a.line - b.line)
  const inside = starts.filter(({ line }) => line >= first && line <= last)
  const around = starts.findLast(({ line }) => line <= first)
  return (around?.name ? around : (inside[0] ?? around))?.name ?? null
}

const names = (text: string, name: string): boolean =>
  /^\s*-?\s*name:\s*(.*?)\s*$/.exec(text)?.[1]?.replace(/^(['"])(.*)\1$/, '$2') === name

/** From a line of the index to the one on disk, by what is not staged. */
function lineMap(changes: readonly ShownChange[], file: string): (line: number) => number {
  const unstaged = changes.filter((change) => change.isStaged === false && change.file.path === file && change.hunk)
  return (line) => {
    let shift = 0
    for (const { hunk } of unstaged) {
      for (const each of hunk?.hunk.lines ?? []) {
        if (each.kind === 'added' && (each.after ?? 0) - shift <= line) shift += 1
        if (each.kind === 'removed' && (each.before ?? 0) <= line) shift -= 1
      }
    }
    return Math.max(1, line + shift)
  }
}
