import { type DragEvent, useState } from 'react'
import type { FileEntry } from '../../api/files'
import { type TreeActs, treeDragType } from '../../components/Tree'
import { droppedEntries, walkEntries } from '../../lib/dropped'
import { baseName, isInside, joinPath, nameProblem, parentPath } from '../../lib/paths'
import { makeFile, makeFolder, moveInto, remove, rename } from './entryActions'
import { uploadInto } from './uploads'
import type { useOpenFolders } from './useOpenFolders'

/** What is being named: a new entry, or one that exists. */
export type Naming = { act: 'file' | 'folder'; folder: string } | { act: 'rename'; path: string }

interface TreeEditsOf {
  folders: ReturnType<typeof useOpenFolders>
  /** What the page shows, which follows when it is renamed, moved or deleted. */
  shown: string | null
  show: (path: string) => void
}

/** Creating, renaming, moving and deleting in a tree of files. */
export function useTreeEdits({ folders, shown, show }: TreeEditsOf) {
  const [naming, setNaming] = useState<Naming | null>(null)
  const [moving, setMoving] = useState<FileEntry | null>(null)
  const rowOf = (id: string) => folders.rows.find((row) => row.entry.path === id)
  const isWritable = (id: string) => rowOf(id)?.entry.writable ?? false

  /** The page stays with what it shows when that gets another path. */
  function follow(from: string, to: string) {
    if (shown !== null && isInside(shown, from)) show(to + shown.slice(from.length))
  }

  async function finishNaming(name: string | null) {
    setNaming(null)
    if (!naming || name === null) return
    if (naming.act === 'rename') {
      if (await rename(naming.path, name)) follow(naming.path, joinPath(parentPath(naming.path), name))
      return
    }
    const path = joinPath(naming.folder, name)
    if (await (naming.act === 'file' ? makeFile(path) : makeFolder(path))) show(path)
  }

  function problemOf(name: string): string | null {
    const folder = naming?.act === 'rename' ? parentPath(naming.path) : (naming?.folder ?? '')
    const isTaken = folders.rows.some(({ entry }) => entry.path === joinPath(folder, name))
    return nameProblem(name) ?? (isTaken ? `‘${name}’ is already there.` : null)
  }

  async function drop(id: string, event: DragEvent) {
    const folder = rowOf(id)?.isFolder ? id : parentPath(id)
    const moved = event.dataTransfer.getData(treeDragType)
    if (!moved) return uploadInto(folder, await walkEntries(droppedEntries(event.dataTransfer)))
    if (isInside(folder, moved) || parentPath(moved) === folder) return
    if (await moveInto(moved, folder)) follow(moved, joinPath(folder, baseName(moved)))
  }

  async function removeEntry(path: string) {
    if (!isWritable(path)) return
    if ((await remove(path)) && shown !== null && isInside(shown, path)) show(parentPath(path))
  }

  const acts: Omit<TreeActs, 'onToggle' | 'onOpen' | 'onMenu'> = {
    onRename: (path) => isWritable(path) && setNaming({ act: 'rename', path }),
    onDelete: (path) => void removeEntry(path),
    onNameDone: (_, name) => void finishNaming(name),
    nameProblem: (_, name) => problemOf(name),
    onDrop: (id, event) => void drop(id, event),
    draggable: isWritable,
  }
  return {
    acts,
    naming,
    rowOf,
    create: (act: 'file' | 'folder', folder: string) => {
      folders.setOpen(folder, true)
      setNaming({ act, folder })
    },
    moving,
    startMoving: setMoving,
    stopMoving: () => setMoving(null),
  }
}
