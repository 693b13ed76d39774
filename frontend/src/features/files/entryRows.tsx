import type { ReactNode } from 'react'
import { RowMark } from '../../components/Mark'
import type { TreeRow } from '../../components/Tree'
import { FileIcon } from './FileIcon'
import { isHidden } from './hidden'
import type { EntryRow } from './treeRows'
import type { Naming } from './useNaming'

const newId = 'new entry'

interface RowLook {
  icon?: ReactNode
  end?: ReactNode
}

/** A row of a tree of files. */
export function entryRow({ entry, ...row }: EntryRow, renamed: string | null, look: RowLook = {}): TreeRow {
  return {
    id: entry.path,
    label: entry.name,
    depth: row.depth,
    expandable: row.isFolder,
    expanded: row.isOpen,
    position: row.position,
    siblings: row.siblings,
    icon: <FileIcon name={entry.name} kind={entry.kind} />,
    dim: isHidden(entry),
    editing: renamed === entry.path,
    ...look,
    end: (
      <>
        {look.end}
        <RowMark path={entry.path} />
      </>
    ),
    namedByContent: true,
  }
}

/** A row for the name of an entry that does not exist yet, first in its folder. */
export function withNewRow(rows: TreeRow[], naming: Naming | null, root: string): TreeRow[] {
  if (!naming || naming.act === 'rename') return rows
  const at = rows.findIndex((row) => row.id === naming.folder)
  if (at < 0 && naming.folder !== root) return rows
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

export const renamedPath = (naming: Naming | null): string | null => (naming?.act === 'rename' ? naming.path : null)
