import type { TreeRow } from '../../../components/Tree'
import { baseName, parentPath } from '../../../lib/paths'
import { FileIcon } from '../FileIcon'
import type { ContentMatch, FoundFile } from './contentSearch'
import { Pieces } from './Pieces'
import styles from './search.module.css'

/** A file and what was found in it as rows of a tree. A row's id is the path, or the path, NUL and the match's place. */
export function searchRows(files: readonly FoundFile[], root: string, folded: ReadonlySet<string>): TreeRow[] {
  const rows: TreeRow[] = []
  for (const [index, file] of files.entries()) {
    const expanded = !folded.has(file.path)
    rows.push({ ...fileRow(file, root), expanded, position: index + 1, siblings: files.length })
    if (!expanded) continue
    for (const [place, match] of file.matches.entries()) {
      rows.push({ ...matchRow(file.path, match, place), position: place + 1, siblings: file.matches.length })
    }
  }
  return rows
}

export function placeOf(files: readonly FoundFile[], id: string): { path: string; match: ContentMatch | null } | null {
  const [path = '', place] = id.split('\u0000')
  const file = files.find((each) => each.path === path)
  if (!file) return null
  return { path, match: place === undefined ? null : (file.matches[Number(place)] ?? null) }
}

function fileRow({ path, matches }: FoundFile, root: string): Omit<TreeRow, 'expanded' | 'position' | 'siblings'> {
  const folder = parentPath(path).slice(root === '' ? 'Users/'.length : root.length + 1)
  return {
    id: path,
    label: baseName(path),
    depth: 0,
    expandable: true,
    icon: <FileIcon name={baseName(path)} kind="file" />,
    namedByContent: true,
    content: (
      <span className="truncate">
        {baseName(path)} <span className={styles.folder}>{folder}</span>
      </span>
    ),
    end: (
      <>
        {matches.length}
        <span className="visually-hidden"> {matches.length === 1 ? 'line' : 'lines'}</span>
      </>
    ),
  }
}

function matchRow(path: string, match: ContentMatch, place: number): Omit<TreeRow, 'position' | 'siblings'> {
  const { line, text, offset, length } = match
  const start = Math.min(offset, text.length - text.trimStart().length)
  return {
    id: `${path}\u0000${place}`,
    label: text.trim(),
    namedByContent: true,
    depth: 1,
    expandable: false,
    expanded: false,
    content: (
      <span className={`${styles.line} truncate`}>
        <span className={styles.number}>
          <span className="visually-hidden">Line </span>
          {line}
        </span>
        <Pieces
          pieces={[
            { text: text.slice(start, offset), isHit: false },
            { text: text.slice(offset, offset + length), isHit: true },
            { text: text.slice(offset + length), isHit: false },
          ]}
        />
      </span>
    ),
  }
}
