import { type DragEvent, useState } from 'react'
import type { FileEntry } from '../../api/files'
import { draggedIds, type TreeActs } from '../../components/Tree'
import { droppedEntries, walkEntries } from '../../lib/dropped'
import { isInside, parentPath } from '../../lib/paths'
import { clip, emptyClip, useClip } from './clipboard'
import { copyAll, duplicateAll, type Moved, moveAll, removeAll } from './entryActions'
import { uploadInto } from './uploads/start'
import { useNaming } from './useNaming'
import type { Folders } from './useOpenFolders'

export interface ExplorerOf {
  folders: Folders
  /** Why an entry cannot be renamed, moved or deleted, or null. */
  fixedReason: (entry: FileEntry) => string | null
  /** Why nothing can be put into the root, or null. */
  rootReason: string | null
  /** What is typed in editors gets to disk before anything moves. */
  before: () => Promise<void>
  /** Something has another path now: what shows it follows. */
  onMoved: (from: string, to: string) => void
  onRemoved: (path: string) => void
  onMade: (path: string, kind: 'file' | 'folder') => void
}

/** What a person can do in a tree of files, on the Files page and in a flow alike. */
export function useExplorer(of: ExplorerOf) {
  const { folders, before, onMoved, onMade } = of
  const [chosen, choose] = useState<ReadonlySet<string>>(new Set())
  const [moving, setMoving] = useState<string[]>([])
  const naming = useNaming({ folders, before, onRenamed: onMoved, onMade })
  const places = placesIn(of, chosen)
  const changes = changesOf(of, places, (paths) => choose(new Set(paths)))
  const { targets, movable } = places
  const acts: Omit<TreeActs, 'onToggle' | 'onOpen' | 'onMenu'> = {
    onRename: (id) => movable([id]).length > 0 && naming.rename(id),
    onDelete: (id) => void changes.remove(targets(id)),
    onNameDone: (_, name) => void naming.finish(name),
    nameProblem: (_, name) => naming.problemOf(name),
    onDrop: (id, event) => void changes.drop(id, event),
    draggable: () => true, // What cannot be moved can still be dragged somewhere as a copy.
    onChoose: (ids) => choose(new Set(ids)),
    onCtrl: {
      c: (id) => clip(targets(id), false),
      x: (id) => clip(movable(targets(id)), true),
      v: (id) => void changes.paste(id),
      d: (id) => void changes.duplicate(targets(id)),
    },
  }
  return {
    acts,
    chosen,
    choose,
    naming,
    ...places,
    ...changes,
    moving,
    startMoving: (id: string) => setMoving(movable(targets(id))),
    stopMoving: () => setMoving([]),
  }
}

export type Explorer = ReturnType<typeof useExplorer>

/** What the rows of a tree stand for. */
function placesIn({ folders, fixedReason }: ExplorerOf, chosen: ReadonlySet<string>) {
  const rowOf = (id: string) => folders.rows.find((row) => row.entry.path === id)
  return {
    rowOf,
    /** What an act on a row means: all that is chosen if the row is. */
    targets: (id: string) => (chosen.has(id) ? [...chosen] : [id]),
    /** Those that may leave their place. What the tree does not show, the studio knows about. */
    movable: (paths: readonly string[]) =>
      paths.filter((path) => {
        const row = rowOf(path)
        return row === undefined || fixedReason(row.entry) === null
      }),
    folderAt: (id: string) => (id === folders.root || rowOf(id)?.isFolder ? id : parentPath(id)),
  }
}

type Places = ReturnType<typeof placesIn>

function changesOf(of: ExplorerOf, { movable, folderAt }: Places, choose: (paths: string[]) => void) {
  const { folders, rootReason, before, onMoved, onRemoved } = of
  const tell = (moved: readonly Moved[]) => {
    for (const { from, to } of moved) onMoved(from, to)
  }

  async function copy(paths: readonly string[], folder: string) {
    if (paths.length === 0) return
    await before()
    const copies = await copyAll(paths, folder)
    if (copies.length > 0) choose(copies.map(({ to }) => to))
  }

  /** What may not leave its place is copied. */
  async function move(paths: readonly string[], folder: string) {
    const going = paths.filter((path) => parentPath(path) !== folder && !isInside(folder, path))
    const leaving = movable(going)
    await copy(
      going.filter((path) => !leaving.includes(path)),
      folder,
    )
    if (leaving.length === 0) return
    await before()
    tell(await moveAll(leaving, folder, tell))
    choose([])
  }

  async function remove(paths: readonly string[]) {
    const going = movable(paths)
    if (going.length === 0) return
    await before()
    for (const path of await removeAll(going)) onRemoved(path)
    choose([])
  }

  async function duplicate(paths: readonly string[]) {
    await before()
    const copies = await duplicateAll(paths)
    if (copies.length > 0) choose(copies.map(({ to }) => to))
  }

  async function paste(id: string) {
    const { paths, isCut } = useClip.getState()
    if (isCut) emptyClip()
    await (isCut ? move : copy)(paths, folderAt(id))
  }

  async function drop(id: string | null, event: DragEvent) {
    const folder = id === null ? folders.root : folderAt(id)
    const dragged = draggedIds(event.dataTransfer)
    if (folder === folders.root && rootReason) return
    if (dragged.length === 0) return uploadInto(folder, await walkEntries(droppedEntries(event.dataTransfer)))
    await (event.ctrlKey || event.altKey ? copy : move)(dragged, folder)
  }
  return { move, remove, duplicate, paste, drop }
}
