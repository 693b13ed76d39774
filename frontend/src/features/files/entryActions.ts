import {
  changeMany,
  createFile,
  createFolder,
  type EntryOutcome,
  fileKeys,
  moveEntry,
  restoreEntry,
} from '../../api/files'
import { flowKeys } from '../../api/flows'
import { queryClient } from '../../api/queryClient'
import { toast } from '../../components/Toasts'
import { counted } from '../../lib/format'
import { baseName, isInside, joinPath, parentPath } from '../../lib/paths'

/** The acts on entries of the share, each saying in a notice what failed. */

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

/** `notes.txt`, or `3 entries`. */
export const named = (paths: readonly string[]): string =>
  paths.length === 1 ? baseName(paths[0] ?? '') : counted(paths.length, 'entry', 'entries')

/** Without those that lie in others of them: they go where these go. */
export const topmost = (paths: readonly string[]): string[] =>
  paths.filter((path) => !paths.some((other) => other !== path && isInside(path, other)))

export function makeFile(path: string): Promise<boolean> {
  return attempt(() => createFile(path), `${baseName(path)} was not created.`)
}

export function makeFolder(path: string): Promise<boolean> {
  return attempt(() => createFolder(path), `${baseName(path)} was not created.`)
}

export function rename(path: string, name: string): Promise<boolean> {
  return attempt(() => moveEntry(path, joinPath(parentPath(path), name)), `${baseName(path)} was not renamed.`)
}

/** Those that worked; the first failure is told. */
async function many(
  action: 'delete' | 'move' | 'copy',
  paths: readonly string[],
  to: string | undefined,
  said: string,
): Promise<EntryOutcome[]> {
  let done: EntryOutcome[] = []
  await attempt(
    async () => {
      const outcomes = await changeMany(action, topmost(paths), to)
      done = outcomes.filter(({ problem }) => !problem)
      const failed = outcomes.filter(({ problem }) => problem)
      const first = failed[0]
      if (!first?.problem) return
      const rest =
        failed.length > 1 ? ` So it is with ${counted(failed.length - 1, 'more entry', 'more entries')}.` : ''
      toast.fail(
        new Error(`${first.problem.detail}${rest}`),
        `${named(failed.map(({ path }) => path))} was not ${said}. `,
      )
    },
    `${named(paths)} was not ${said}.`,
  )
  return done
}

export interface Moved {
  from: string
  to: string
}

const movedBy = (done: readonly EntryOutcome[]): Moved[] =>
  done.flatMap(({ path, entry }) => (entry ? [{ from: path, to: entry.path }] : []))

/** Into another folder; ten seconds to undo, which `onUndone` hears. */
export async function moveAll(
  paths: readonly string[],
  folder: string,
  onUndone: (moved: Moved[]) => void = () => undefined,
): Promise<Moved[]> {
  const moved = movedBy(await many('move', paths, folder, 'moved'))
  if (moved.length > 0) {
    toast.undo(`${named(moved.map(({ from }) => from))} moved to ${baseName(folder) || 'the share'}.`, async () => {
      for (const { from, to } of moved) await moveEntry(to, from)
      onUndone(moved.map(({ from, to }) => ({ from: to, to: from })))
      await refresh()
    })
  }
  return moved
}

/** Copies into a folder, under free names where theirs are taken. */
export async function copyAll(paths: readonly string[], folder: string): Promise<Moved[]> {
  return movedBy(await many('copy', paths, folder, 'copied'))
}

/** Copies beside the originals. */
export async function duplicateAll(paths: readonly string[]): Promise<Moved[]> {
  const folders = new Set(topmost(paths).map(parentPath))
  const copies: Moved[] = []
  for (const folder of folders) {
    copies.push(
      ...(await copyAll(
        topmost(paths).filter((path) => parentPath(path) === folder),
        folder,
      )),
    )
  }
  return copies
}

/** Copies into one's own folder, and offers to go there. */
export async function copyToMine(paths: readonly string[], home: string, show: (path: string) => void): Promise<void> {
  const copies = await copyAll(paths, home)
  const first = copies[0]
  if (first) toast.offer(`${named(copies.map(({ to }) => to))} copied to your folder.`, 'Open', () => show(first.to))
}

/** Into the trash, with ten seconds to undo. The paths that are gone. */
export async function removeAll(paths: readonly string[]): Promise<string[]> {
  const done = await many('delete', paths, undefined, 'deleted')
  if (done.length > 0) {
    toast.undo(`${named(done.map(({ path }) => path))} ${done.length === 1 ? 'is' : 'are'} in the trash.`, async () => {
      try {
        for (const { trash } of done) if (trash) await restoreEntry(trash)
      } finally {
        await refresh()
      }
    })
  }
  return done.map(({ path }) => path)
}

/** Puts a text on the clipboard and says so. */
export async function copyText(text: string, said: string): Promise<void> {
  try {
    await navigator.clipboard.writeText(text)
    toast.say(said)
  } catch {
    toast.say('The browser did not allow copying.')
  }
}
