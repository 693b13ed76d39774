import { type DragEvent, useState } from 'react'
import { readContent } from '../../../api/files'
import { toast } from '../../../components/Toasts'
import { treeDragType } from '../../../components/Tree'
import { droppedEntries, walkEntries } from '../../../lib/dropped'
import { baseName, isInside, joinPath, nameProblem, numberedPath, parentPath } from '../../../lib/paths'
import { makeFile, makeFolder, moveInto, remove, rename } from '../../files/entryActions'
import { uploadInto } from '../../files/uploads'
import type { useOpenFolders } from '../../files/useOpenFolders'
import { useAuthoring } from '../state/context'
import { moveTabs, openTab } from '../state/pageStore'

export type Naming = { act: 'file' | 'folder'; folder: string } | { act: 'rename'; path: string }

type Folders = ReturnType<typeof useOpenFolders>

/** Changes of the flow's files, and what follows from them for its tabs. */
export function useFileEdits({ rows }: Folders) {
  const { session, page, readOnly } = useAuthoring()
  const root = session.path
  const entryOf = (id: string) => rows.find((row) => row.entry.path === id)
  const nameOf = (path: string) => path.slice(root.length + 1)

  async function deleteEntry(path: string) {
    if (!entryOf(path) || readOnly) return
    await session.flush()
    if (await remove(path)) moveTabs(page, nameOf(path), null)
  }

  async function duplicate(path: string) {
    try {
      await session.flush()
      const { text } = await readContent(path)
      for (let number = 2; number < 100; number += 1) {
        const name = nameOf(numberedPath(path, number))
        if (entryOf(joinPath(root, name))) continue
        await session.create(name, text)
        return
      }
    } catch (error) {
      toast.fail(error)
    }
  }

  async function drop(id: string, event: DragEvent) {
    const row = entryOf(id)
    const folder = row?.isFolder ? id : parentPath(id)
    const moved = event.dataTransfer.getData(treeDragType)
    if (moved) {
      if (!isInside(folder, moved) && parentPath(moved) !== folder && (await moveInto(moved, folder))) {
        moveTabs(page, nameOf(moved), nameOf(joinPath(folder, baseName(moved))))
      }
      return
    }
    await uploadInto(folder, await walkEntries(droppedEntries(event.dataTransfer)))
  }

  return { entryOf, nameOf, deleteEntry, duplicate, drop }
}

/** The name that is being written in the tree: a new one, or another for something that is there. */
export function useNaming(folders: Folders) {
  const { session, page } = useAuthoring()
  const root = session.path
  const [naming, setNaming] = useState<Naming | null>(null)
  const nameOf = (path: string) => path.slice(root.length + 1)

  function startNaming(act: 'file' | 'folder', folder: string) {
    if (folder !== root) folders.setOpen(folder, true)
    setNaming({ act, folder })
  }

  async function finishNaming(name: string | null) {
    const current = naming
    setNaming(null)
    if (!current || name === null) return
    if (current.act === 'rename') {
      const target = joinPath(parentPath(current.path), name)
      await session.flush()
      if (await rename(current.path, name)) moveTabs(page, nameOf(current.path), nameOf(target))
      return
    }
    const path = joinPath(current.folder, name)
    if (current.act === 'folder') await makeFolder(path)
    else if (await makeFile(path)) openTab(page, nameOf(path))
  }

  function problemOf(name: string): string | null {
    const folder = naming?.act === 'rename' ? parentPath(naming.path) : (naming?.folder ?? root)
    const isTaken = folders.rows.some(({ entry }) => entry.name === name && parentPath(entry.path) === folder)
    return nameProblem(name) ?? (isTaken ? `‘${name}’ is already there.` : null)
  }

  const startRenaming = (path: string) => setNaming({ act: 'rename', path })
  return { naming, startNaming, startRenaming, finishNaming, problemOf }
}
