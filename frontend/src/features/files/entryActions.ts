import { createFile, createFolder, deleteEntry, fileKeys, moveEntry, restoreEntry } from '../../api/files'
import { flowKeys } from '../../api/flows'
import { queryClient } from '../../api/queryClient'
import { toast } from '../../components/Toasts'
import { baseName, joinPath, parentPath } from '../../lib/paths'

/** The acts on entries of the share, each saying in a notice when it failed. True where it worked. */

async function refresh(): Promise<void> {
  await Promise.all([
    queryClient.invalidateQueries({ queryKey: fileKeys.all }),
    queryClient.invalidateQueries({ queryKey: flowKeys.list }),
  ])
}

async function attempt(act: () => Promise<unknown>, failed: string): Promise<boolean> {
  try {
    await act()
    return true
  } catch (error) {
    toast.fail(error, `${failed} `)
    return false
  } finally {
    await refresh()
  }
}

export function makeFile(path: string): Promise<boolean> {
  return attempt(() => createFile(path), `${baseName(path)} was not created.`)
}

export function makeFolder(path: string): Promise<boolean> {
  return attempt(() => createFolder(path), `${baseName(path)} was not created.`)
}

export function rename(path: string, name: string): Promise<boolean> {
  return attempt(() => moveEntry(path, joinPath(parentPath(path), name)), `${baseName(path)} was not renamed.`)
}

export function moveInto(path: string, folder: string): Promise<boolean> {
  return attempt(() => moveEntry(path, joinPath(folder, baseName(path))), `${baseName(path)} was not moved.`)
}

/** Into the trash, with ten seconds to undo. */
export function remove(path: string): Promise<boolean> {
  return attempt(
    async () => {
      const id = await deleteEntry(path)
      toast.undo(`${baseName(path)} is in the trash.`, async () => {
        await restoreEntry(id)
        await refresh()
      })
    },
    `${baseName(path)} was not deleted.`,
  )
}
