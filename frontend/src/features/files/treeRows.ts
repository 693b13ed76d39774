import type { FileEntry } from '../../api/files'

/** What a tree shows: entries of the open folders, in order, before icons are put on. */
export interface EntryRow {
  entry: FileEntry
  depth: number
  isFolder: boolean
  isOpen: boolean
  position: number
  siblings: number
}

const order = new Intl.Collator('en', { numeric: true, sensitivity: 'base' })

export function isFolder(entry: FileEntry): boolean {
  return entry.kind === 'folder' || (entry.kind === 'link' && entry.target_kind === 'folder')
}

/** Folders first, then by name as people count. */
export function sortEntries(entries: readonly FileEntry[]): FileEntry[] {
  return [...entries].sort(
    (one, other) => Number(isFolder(other)) - Number(isFolder(one)) || order.compare(one.name, other.name),
  )
}

/** The visible rows below `root`. A folder whose entries are not there yet shows none. */
export function treeRows(
  root: string,
  entriesOf: (path: string) => readonly FileEntry[] | undefined,
  open: ReadonlySet<string>,
  depth = 0,
): EntryRow[] {
  const entries = sortEntries(entriesOf(root) ?? [])
  return entries.flatMap((entry, index) => {
    const folder = isFolder(entry)
    const isOpen = folder && open.has(entry.path)
    const row = { entry, depth, isFolder: folder, isOpen, position: index + 1, siblings: entries.length }
    return isOpen ? [row, ...treeRows(entry.path, entriesOf, open, depth + 1)] : [row]
  })
}
