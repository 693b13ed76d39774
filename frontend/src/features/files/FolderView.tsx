import { IconFolderOpen } from '@tabler/icons-react'
import { useQuery } from '@tanstack/react-query'
import { Link } from '@tanstack/react-router'
import type { FileEntry } from '../../api/files'
import { flowsQuery } from '../../api/flows'
import { buttonClass } from '../../components/Button'
import { DataTable } from '../../components/DataTable'
import { EmptyState } from '../../components/EmptyState'
import { FlowIcon } from '../../components/FlowIcon'
import { Time } from '../../components/Time'
import { type Column, useTableLayout } from '../../components/tableState'
import { counted, formatBytes } from '../../lib/format'
import { FileIcon } from './FileIcon'
import styles from './FilesPage.module.css'
import { entrySortKey, isFolder } from './treeRows'

const columns: readonly Column<FileEntry>[] = [
  {
    id: 'name',
    title: 'Name',
    fixed: true,
    value: (entry) => entry.name,
    sortKey: entrySortKey,
    cell: (entry) => (
      <Link to="/files/$" params={{ _splat: entry.path }} className={styles.entry}>
        <FileIcon name={entry.name} kind={entry.kind} />
        <span className="truncate">{entry.name}</span>
      </Link>
    ),
  },
  {
    id: 'size',
    title: 'Size',
    width: 120,
    numeric: true,
    value: (entry) => entry.size ?? -1,
    cell: (entry) => (
      <span className="secondary">{entry.size === null || isFolder(entry) ? '–' : formatBytes(entry.size)}</span>
    ),
  },
  {
    id: 'changed',
    title: 'Changed',
    width: 140,
    numeric: true,
    value: (entry) => Date.parse(entry.modified),
    cell: (entry) => (
      <span className="secondary">
        <Time at={entry.modified} />
      </span>
    ),
  },
]

/** What is in a folder, and the way to the flow that it is. */
export function FolderView({ folder }: { folder: FileEntry }) {
  const layout = useTableLayout('folder', columns, { column: 'name', descending: false })
  const { data: flows = [] } = useQuery(flowsQuery)
  const entries = folder.entries ?? []
  const flow = flows.find((each) => each.path === folder.path)
  return (
    <section className={styles.view} aria-label={folder.name || 'Share'}>
      <div className={styles.bar}>
        <FileIcon name={folder.name} kind="folder" />
        <h2 className={`${styles.title} truncate`}>{folder.name || 'Share'}</h2>
        <span className="small secondary">{counted(entries.length, 'entry', 'entries')}</span>
        <span className="grow" />
        {flow && (
          <Link to="/flows/$" params={{ _splat: flow.path }} className={buttonClass()}>
            <FlowIcon />
            Open flow
          </Link>
        )}
      </div>
      {entries.length === 0 ? (
        <EmptyState icon={<IconFolderOpen size={20} stroke={1.5} aria-hidden />} title="This folder is empty">
          Drop files on it in the tree, or create one there.
        </EmptyState>
      ) : (
        <DataTable
          label={`Entries of ${folder.name || 'the share'}`}
          rows={entries}
          rowKey={(entry) => entry.path}
          rowName={(entry) => entry.name}
          layout={layout}
          flush
        />
      )}
    </section>
  )
}
