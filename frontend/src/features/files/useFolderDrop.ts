import type { DragEvent } from 'react'
import type { FileEntry } from '../../api/files'
import { draggedIds, setDragged } from '../../components/Tree'
import { useDropPlace } from '../../components/useTreeDrop'
import { droppedEntries, walkEntries } from '../../lib/dropped'
import { isInside, parentPath } from '../../lib/paths'
import { copyAll, moveAll } from './entryActions'
import { isFolder } from './treeRows'
import { uploadInto } from './uploads/start'

/** Takes what is dropped on a folder's list, or on a folder in it; its entries can be dragged elsewhere. */
export function useFolderDrop(folder: FileEntry) {
  const drop = useDropPlace(null, { onDrop: (_, event) => void into(folder.path, event) })
  const rowProps = (entry: FileEntry, paths: readonly string[]) => ({
    draggable: true,
    onDragStart: (event: DragEvent) => setDragged(event.dataTransfer, paths),
    ...(isFolder(entry) && {
      onDrop: (event: DragEvent) => {
        event.preventDefault()
        event.stopPropagation()
        void into(entry.path, event)
      },
    }),
  })
  return { isOver: drop.isOver, handlers: folder.writable ? drop.handlers : {}, rowProps }
}

async function into(folder: string, event: DragEvent): Promise<void> {
  const dragged = draggedIds(event.dataTransfer)
  if (dragged.length === 0) {
    await uploadInto(folder, await walkEntries(droppedEntries(event.dataTransfer)))
    return
  }
  const going = dragged.filter((path) => parentPath(path) !== folder && !isInside(folder, path))
  if (going.length === 0) return
  await (event.ctrlKey || event.altKey ? copyAll(going, folder) : moveAll(going, folder))
}
