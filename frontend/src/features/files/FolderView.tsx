import { IconFolderOpen } from '@tabler/icons-react'
import { useQuery } from '@tanstack/react-query'
import { Link } from '@tanstack/react-router'
import { lazy, type MouseEvent, type ReactNode, Suspense, useMemo } from 'react'
import type { FileEntry } from '../../api/files'
import { flowsQuery } from '../../api/flows'
import { gitStatusQuery } from '../../api/git'
import { buttonClass } from '../../components/Button'
import { DataTable } from '../../components/DataTable'
import { EmptyState } from '../../components/EmptyState'
import { FlowIcon } from '../../components/FlowIcon'
import { Time } from '../../components/Time'
import { type Column, useTableLayout } from '../../components/tableState'
import { address } from '../../lib/base'
import { counted, formatBytes } from '../../lib/format'
import { encodePath } from '../../lib/paths'
import { ChoiceBar } from './ChoiceBar'
import { FileIcon } from './FileIcon'
import styles from './FilesPage.module.css'
import { isHidden, useShowsHidden } from './hidden'
import { entrySortKey, isFolder } from './treeRows'
import { type FolderChoice, useFolderChoice } from './useFolderChoice'
import { useFolderDrop } from './useFolderDrop'
import { useShow } from './useShow'

const FolderGit = lazy(() => import('../git/pages').then((module) => ({ default: module.FolderGit })))

/** What is in a folder, and the way to the flow that it is. */
export function FolderView({ folder }: { folder: FileEntry }) {
  const showsHidden = useShowsHidden((state) => state.shows)
  const all = folder.entries ?? noEntries
  const entries = useMemo(() => (showsHidden ? all : all.filter((entry) => !isHidden(entry))), [all, showsHidden])
  const choice = useFolderChoice(entries)
  const drop = useFolderDrop(folder)
  const columns = useColumns(choice, drop.rowProps)
  const layout = useTableLayout('folder', columns, { column: 'name', descending: false })
  const hidden = all.length - entries.length
  return (
    <section
      className={styles.view}
      aria-label={folder.name || 'Share'}
      data-drop={drop.isOver || undefined}
      {...drop.handlers}
    >
      <Bar folder={folder}>
        {counted(entries.length, 'entry', 'entries')}
        {hidden > 0 && `, ${hidden} hidden`}
      </Bar>
      {choice.chosen.length > 0 && <ChoiceBar choice={choice} />}
      {entries.length === 0 ? (
        <EmptyState icon={<IconFolderOpen size={20} stroke={1.5} aria-hidden />} title="This folder is empty">
          Drop files here, or create one in the tree.
        </EmptyState>
      ) : (
        <DataTable
          label={`Entries of ${folder.name || 'the share'}`}
          rows={entries}
          rowKey={(entry) => entry.path}
          rowName={(entry) => entry.name}
          layout={layout}
          onDelete={(entry) => choice.removeWith(entry.path)}
          flush
        />
      )}
    </section>
  )
}

const noEntries: FileEntry[] = []

function Bar({ folder, children }: { folder: FileEntry; children: ReactNode }) {
  const { data: flows = [] } = useQuery(flowsQuery)
  const flow = flows.find((each) => each.path === folder.path)
  const hasOwner = folder.path.split('/').length > 2
  const { data: git } = useQuery({ ...gitStatusQuery(folder.path), enabled: hasOwner })
  return (
    <div className={styles.bar}>
      <FileIcon name={folder.name} kind="folder" />
      <h2 className={`${styles.title} truncate`}>{folder.name || 'Share'}</h2>
      <span className="small secondary">{children}</span>
      <span className="grow" />
      {git && (
        <Suspense>
          <FolderGit path={folder.path} status={git} />
        </Suspense>
      )}
      {flow && (
        <Link to="/flows/$" params={{ _splat: flow.path }} className={buttonClass()}>
          <FlowIcon />
          Open flow
        </Link>
      )}
    </div>
  )
}

function useColumns(choice: FolderChoice, rowProps: ReturnType<typeof useFolderDrop>['rowProps']): Column<FileEntry>[] {
  const show = useShow()
  const open = (path: string, event: MouseEvent) => {
    if (event.button !== 0 || event.altKey) return
    event.preventDefault()
    show(path)
  }
  return [
    {
      id: 'name',
      title: 'Name',
      fixed: true,
      value: (entry) => entry.name,
      sortKey: entrySortKey,
      cell: (entry) => (
        <span className={styles.entryCell} {...rowProps(entry, choice.with(entry.path))}>
          <input
            type="checkbox"
            aria-label={`Choose ${entry.name}`}
            checked={choice.isChosen(entry.path)}
            onChange={() => undefined}
            onClick={(event) => choice.toggle(entry.path, event.shiftKey)}
          />
          {/* Not a link of the router: of thousands that scroll by, each would cost half a millisecond. */}
          <a
            href={address(`/files/${encodePath(entry.path)}`)}
            className={styles.entry}
            draggable={false}
            onClick={(event) => choice.click(entry.path, event) || open(entry.path, event)}
          >
            <FileIcon name={entry.name} kind={entry.kind} />
            <span className="truncate">{entry.name}</span>
          </a>
        </span>
      ),
    },
    ...facts,
  ]
}

const facts: Column<FileEntry>[] = [
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
