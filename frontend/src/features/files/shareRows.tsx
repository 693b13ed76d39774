import { IconLock } from '@tabler/icons-react'
import type { FileEntry } from '../../api/files'
import type { TreeRow } from '../../components/Tree'
import { parentPath } from '../../lib/paths'
import { FileIcon } from './FileIcon'
import type { EntryRow } from './treeRows'
import type { Naming } from './useTreeEdits'

const newId = 'new entry'

/** A row of the share's tree: whose folder is whose, and what is being named. */
export function shareRow({ entry, ...row }: EntryRow, me: string, renamed: string | null): TreeRow {
  return {
    id: entry.path,
    label: entry.name,
    depth: row.depth,
    expandable: row.isFolder,
    expanded: row.isOpen,
    position: row.position,
    siblings: row.siblings,
    icon: <FileIcon name={entry.name} kind={entry.kind} />,
    end: rowEnd(entry, me),
    namedByContent: parentPath(entry.path) === 'Users',
    editing: renamed === entry.path,
  }
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

/** A row for the name of an entry that does not exist yet, first in its folder. */
export function withNewRow(rows: TreeRow[], naming: Naming | null): TreeRow[] {
  if (!naming || naming.act === 'rename') return rows
  const at = rows.findIndex((row) => row.id === naming.folder)
  const row: TreeRow = {
    id: newId,
    label: '',
    depth: (rows[at]?.depth ?? -1) + 1,
    expandable: false,
    expanded: false,
    position: 1,
    siblings: 1,
    icon: <FileIcon name="" kind={naming.act} />,
    editing: true,
  }
  return [...rows.slice(0, at + 1), row, ...rows.slice(at + 1)]
}
