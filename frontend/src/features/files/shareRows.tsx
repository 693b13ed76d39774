import { IconLock } from '@tabler/icons-react'
import type { FileEntry } from '../../api/files'
import type { TreeRow } from '../../components/Tree'
import { parentPath } from '../../lib/paths'
import { entryRow } from './entryRows'
import type { EntryRow } from './treeRows'

/** A row of the share's tree: whose folder is whose. */
export function shareRow(row: EntryRow, me: string, renamed: string | null): TreeRow {
  return entryRow(row, renamed, { end: rowEnd(row.entry, me) })
}

function rowEnd(entry: FileEntry, me: string) {
  if (entry.path === `Users/${me}`) return 'you'
  if (parentPath(entry.path) !== 'Users' || entry.writable) return null
  return (
    <>
      <IconLock size={14} stroke={1.5} aria-hidden />
      <span className="visually-hidden">read-only</span>
    </>
  )
}
