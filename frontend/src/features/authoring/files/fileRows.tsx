import type { TreeRow } from '../../../components/Tree'
import { isPromptFile } from '../../editor/languages'
import { entryRow } from '../../files/entryRows'
import { FileIcon } from '../../files/FileIcon'
import type { EntryRow } from '../../files/treeRows'
import styles from './files.module.css'

/** The rows of the flow's tree. */
export function fileRows(rows: readonly EntryRow[], renamed: string | null): TreeRow[] {
  return rows.map((row) => entryRow(row, renamed, { icon: <HuedIcon name={row.entry.name} kind={row.entry.kind} /> }))
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
