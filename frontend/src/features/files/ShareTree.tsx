import { IconFilePlus, IconFolderPlus, IconLock, IconUpload } from '@tabler/icons-react'
import { useNavigate } from '@tanstack/react-router'
import { type DragEvent, type RefObject, useMemo, useRef, useState } from 'react'
import type { FileEntry } from '../../api/files'
import { IconButton } from '../../components/Button'
import { ContextMenu, type ContextMenuState, Menu } from '../../components/Menu'
import { ErrorMessage } from '../../components/Note'
import { Panel } from '../../components/Panel'
import { Skeleton } from '../../components/Skeleton'
import { Tree, type TreeRow, treeDragType } from '../../components/Tree'
import { droppedEntries, fromFileList, walkEntries } from '../../lib/dropped'
import { isInside, joinPath, nameProblem, parentPath } from '../../lib/paths'
import { useDelayed } from '../../lib/useDelayed'
import { makeFile, makeFolder, moveInto, remove, rename } from './entryActions'
import { entryMenu } from './entryMenu'
import { FileIcon } from './FileIcon'
import styles from './FilesPage.module.css'
import { MoveDialog } from './MoveDialog'
import type { EntryRow } from './treeRows'
import { UploadBar } from './UploadBar'
import { uploadInto } from './uploads'
import { useOpenFolders } from './useOpenFolders'

interface ShareTreeProps {
  shown: string | null
  me: string
  /** Where new entries go when nothing else is chosen. */
  home: string
}

type Naming = { act: 'file' | 'folder'; folder: string } | { act: 'rename'; path: string }

const newId = 'new entry'
const iconLook = { size: 16, stroke: 1.5, 'aria-hidden': true } as const

/** The whole share as a tree: own folders to work in, others' to read. */
export function ShareTree({ shown, me, home }: ShareTreeProps) {
  const folders = useOpenFolders('', shown ?? home, 'share')
  const navigate = useNavigate()
  const [naming, setNaming] = useState<Naming | null>(null)
  const [moving, setMoving] = useState<FileEntry | null>(null)
  const [context, setContext] = useState<ContextMenuState | null>(null)
  const picker = useRef<HTMLInputElement>(null)
  const folderPicker = useRef<HTMLInputElement>(null)
  const uploadTarget = useRef(home)
  const isSlow = useDelayed(folders.isPending)
  const entryOf = (id: string) => folders.rows.find((row) => row.entry.path === id)

  const show = (path: string) => void navigate({ to: '/files/$', params: { _splat: path } })
  const siblings = (folder: string) =>
    folders.rows.filter((row) => parentPath(row.entry.path) === folder).map((row) => row.entry.name)

  /** The folder that buttons above the tree act in: the one shown, or that of the file shown, if it is mine. */
  function target(): string {
    if (shown === null) return home
    const row = entryOf(shown)
    const folder = row?.isFolder ? shown : parentPath(shown)
    return row?.entry.writable ? folder : home
  }

  function startNaming(act: 'file' | 'folder', folder: string) {
    folders.setOpen(folder, true)
    setNaming({ act, folder })
  }

  function pickFiles(folder: string, asFolder: boolean) {
    uploadTarget.current = folder
    ;(asFolder ? folderPicker : picker).current?.click()
  }

  async function finishNaming(name: string | null) {
    const current = naming
    setNaming(null)
    if (!current || name === null) return
    if (current.act === 'rename') {
      const path = joinPath(parentPath(current.path), name)
      if ((await rename(current.path, name)) && shown !== null && isInside(shown, current.path)) {
        show(path + shown.slice(current.path.length))
      }
      return
    }
    const path = joinPath(current.folder, name)
    if (await (current.act === 'file' ? makeFile(path) : makeFolder(path))) show(path)
  }

  async function deleteEntry(path: string) {
    if (!entryOf(path)?.entry.writable) return
    if ((await remove(path)) && shown !== null && isInside(shown, path)) show(parentPath(path))
  }

  async function drop(id: string, event: DragEvent) {
    const row = entryOf(id)
    const folder = row?.isFolder ? id : parentPath(id)
    const moved = event.dataTransfer.getData(treeDragType)
    if (moved) {
      if (!isInside(folder, moved) && parentPath(moved) !== folder) await moveInto(moved, folder)
      return
    }
    const entries = droppedEntries(event.dataTransfer)
    await uploadInto(folder, await walkEntries(entries))
  }

  function openMenu(id: string, at: { x: number; y: number }) {
    const row = entryOf(id)
    if (!row) return
    const entries = entryMenu(row.entry, row.isFolder, {
      open: () => show(id),
      create: (act) => startNaming(act, id),
      upload: (asFolder) => pickFiles(id, asFolder),
      rename: () => setNaming({ act: 'rename', path: id }),
      move: () => setMoving(row.entry),
      remove: () => void deleteEntry(id),
    })
    setContext({ ...at, entries })
  }

  const renamed = naming?.act === 'rename' ? naming.path : null
  const rows = useMemo(() => folders.rows.map((row) => treeRow(row, me, renamed)), [folders.rows, me, renamed])
  return (
    <div className={styles.tree}>
      <Panel
        title="Share"
        fill
        className={styles.tree}
        actions={
          <>
            <IconButton
              size="small"
              label="New file"
              icon={<IconFilePlus {...iconLook} />}
              onClick={() => startNaming('file', target())}
            />
            <IconButton
              size="small"
              label="New folder"
              icon={<IconFolderPlus {...iconLook} />}
              onClick={() => startNaming('folder', target())}
            />
            <Menu
              position="bottom-end"
              entries={[
                { heading: `Into ${target()}` },
                { label: 'Files', onSelect: () => pickFiles(target(), false) },
                { label: 'A folder', onSelect: () => pickFiles(target(), true) },
              ]}
            >
              <IconButton size="small" label="Upload" icon={<IconUpload {...iconLook} />} />
            </Menu>
          </>
        }
      >
        {folders.error && (
          <ErrorMessage error={folders.error} title="The share could not be read." onRetry={folders.retry} />
        )}
        {isSlow && <TreeSkeleton />}
        <Tree
          label="Files"
          rows={withNewRow(rows, naming)}
          selected={shown}
          onToggle={folders.setOpen}
          onOpen={(id) => {
            const row = entryOf(id)
            if (row?.isFolder) folders.setOpen(id, shown === id ? !row.isOpen : true)
            show(id)
          }}
          onMenu={openMenu}
          onRename={(id) => entryOf(id)?.entry.writable && setNaming({ act: 'rename', path: id })}
          onDelete={(id) => void deleteEntry(id)}
          onNameDone={(_, name) => void finishNaming(name)}
          nameProblem={(_, name) => {
            const folder = naming?.act === 'rename' ? parentPath(naming.path) : (naming?.folder ?? '')
            return nameProblem(name) ?? (siblings(folder).includes(name) ? `‘${name}’ is already there.` : null)
          }}
          onDrop={(id, event) => void drop(id, event)}
          draggable={(id) => entryOf(id)?.entry.writable ?? false}
        />
      </Panel>
      <UploadBar />
      <FilePickers
        picker={picker}
        folderPicker={folderPicker}
        onFiles={(files) => void uploadInto(uploadTarget.current, fromFileList(files))}
      />
      <ContextMenu state={context} onClose={() => setContext(null)} />
      {moving && <MoveDialog entry={moving} onClose={() => setMoving(null)} onMoved={show} />}
    </div>
  )
}

function treeRow(row: EntryRow, me: string, renamed: string | null): TreeRow {
  const { entry } = row
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

const isOthersHome = (entry: FileEntry) => parentPath(entry.path) === 'Users' && !entry.writable

function rowEnd(entry: FileEntry, me: string) {
  if (entry.path === `Users/${me}`) return 'you'
  if (!isOthersHome(entry)) return null
  return (
    <>
      <IconLock size={14} stroke={1.5} aria-hidden />
      <span className="visually-hidden">read-only</span>
    </>
  )
}

/** A row for the name of an entry that does not exist yet, first in its folder. */
function withNewRow(rows: TreeRow[], naming: Naming | null): TreeRow[] {
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

function TreeSkeleton() {
  return (
    <div className={styles.skeleton}>
      {[90, 120, 150, 110, 140].map((width) => (
        <Skeleton key={width} width={width} />
      ))}
    </div>
  )
}

interface FilePickersProps {
  picker: RefObject<HTMLInputElement | null>
  folderPicker: RefObject<HTMLInputElement | null>
  onFiles: (files: File[]) => void
}

function FilePickers({ picker, folderPicker, onFiles }: FilePickersProps) {
  const take = (input: HTMLInputElement) => {
    const files = [...(input.files ?? [])]
    input.value = ''
    if (files.length > 0) onFiles(files)
  }
  return (
    <>
      <input ref={picker} type="file" multiple hidden aria-label="Files" onChange={(event) => take(event.target)} />
      <input
        ref={folderPicker}
        type="file"
        webkitdirectory=""
        hidden
        aria-label="A folder"
        onChange={(event) => take(event.target)}
      />
    </>
  )
}
