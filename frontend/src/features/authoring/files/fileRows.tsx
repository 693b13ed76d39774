import type { TreeRow } from '../../../components/Tree'
import { isPromptFile } from '../../editor/languages'
import { FileIcon } from '../../files/FileIcon'
import type { EntryRow } from '../../files/treeRows'
import styles from './files.module.css'
import type { Naming } from './useFileEdits'

const newId = 'new entry'

/** The rows of the tree, with the one whose name is being written. */
export function fileRows(rows: readonly EntryRow[], naming: Naming | null, root: string): TreeRow[] {
  const renamed = naming?.act === 'rename' ? naming.path : null
  const known = rows.map(
    ({ entry, ...row }): TreeRow => ({
      id: entry.path,
      label: entry.name,
      depth: row.depth,
      expandable: row.isFolder,
      expanded: row.isOpen,
      position: row.position,
      siblings: row.siblings,
      icon: <HuedIcon name={entry.name} kind={entry.kind} />,
      dim: entry.name === '__pycache__' || entry.name.startsWith('.'),
      editing: renamed === entry.path,
    }),
  )
  return withNewRow(known, naming, root)
}

/** A row for the name of an entry that does not exist yet, first in its folder. */
function withNewRow(rows: TreeRow[], naming: Naming | null, root: string): TreeRow[] {
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

/** Code and prompts have the hue of the nodes they belong to. */
function HuedIcon({ name, kind }: { name: string; kind: string }) {
  const hue = name.endsWith('.py') ? 'python' : isPromptFile(name) ? 'prompt' : undefined
  return (
    <span data-kind={hue} className={hue && styles.hue}>
      <FileIcon name={name} kind={kind} />
    </span>
  )
}
