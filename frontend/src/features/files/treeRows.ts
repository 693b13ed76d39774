import type { FileEntry } from '../../api/files'
import { naturalKey, sortedByKey } from '../../lib/naturalOrder'

/** What a tree shows: entries of the open folders, in order, before icons are put on. */
export interface EntryRow {
  entry: FileEntry
  depth: number
  isFolder: boolean
  isOpen: boolean
  position: number
  siblings: number
}

export function isFolder(entry: FileEntry): boolean {
  return entry.kind === 'folder' || (entry.kind === 'link' && entry.target_kind === 'folder')
}

const sorted = new WeakMap<readonly FileEntry[], FileEntry[]>()
const sortKeys = new WeakMap<FileEntry, string>()

/** What an entry is sorted by: folders before files, then the name. Kept, since a tree and a table sort the same. */
export function entrySortKey(entry: FileEntry): string {
  const known = sortKeys.get(entry)
  if (known !== undefined) return known
  const key = naturalKey(`${isFolder(entry) ? 0 : 1} ${entry.name}`)
  sortKeys.set(entry, key)
  return key
}

/** Folders first, then by name as people count. Kept as long as the list, for folders of ten thousand. */
export function sortEntries(entries: readonly FileEntry[]): FileEntry[] {
  const known = sorted.get(entries)
  if (known) return known
  const inOrder = sortedByKey(entries, entrySortKey)
  sorted.set(entries, inOrder)
  return inOrder
}

const all = () => true

/** The visible rows below `root`. A folder whose entries are not there yet shows none. */
export function treeRows(
  root: string,
  entriesOf: (path: string) => readonly FileEntry[] | undefined,
  open: ReadonlySet<string>,
  isShown: (entry: FileEntry) => boolean = all,
): EntryRow[] {
  const rows: EntryRow[] = []
  const add = (folder: string, depth: number) => {
    const sorted = sortEntries(entriesOf(folder) ?? [])
    const entries = isShown === all ? sorted : sorted.filter(isShown)
    for (const [index, entry] of entries.entries()) {
      const isEntryFolder = isFolder(entry)
      const isOpen = isEntryFolder && open.has(entry.path)
      rows.push({ entry, depth, isFolder: isEntryFolder, isOpen, position: index + 1, siblings: entries.length })
      if (isOpen) add(entry.path, depth + 1)
    }
  }
  add(root, 0)
  return rows
}
