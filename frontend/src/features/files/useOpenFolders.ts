import { useQueries } from '@tanstack/react-query'
import { useEffect, useEffectEvent, useMemo } from 'react'
import { useEvents } from '../../api/events'
import { entryQuery, fileKeys } from '../../api/files'
import { queryClient } from '../../api/queryClient'
import { ancestorPaths, parentPath } from '../../lib/paths'
import { useRemembered } from '../../lib/useRemembered'
import { isHidden, useShowsHidden } from './hidden'
import { treeRows } from './treeRows'

const mostWatched = 40

/** The folders of the tree that are open, read when they open and again when something in them changes. */
export function useOpenFolders(root: string, shown: string | null, storageKey: string) {
  const [open, setOpen] = useRemembered<string[]>(`tree:${storageKey}`, [])
  const openSet = useMemo(() => new Set(open), [open])
  const folders = useMemo(() => [root, ...open.filter((path) => path !== root)], [root, open])

  const answers = useQueries({
    queries: folders.map((path) => ({ ...entryQuery(path), retry: false })),
    combine: (results) => results,
  })

  // A folder that is gone is no longer open.
  const gone = folders.filter((path, index) => path !== root && answers[index]?.isError).join('\n')
  useEffect(() => {
    if (gone === '') return
    const missing = new Set(gone.split('\n'))
    setOpen(open.filter((path) => !missing.has(path)))
  }, [gone, open, setOpen])

  // What the address leads to is in sight.
  const reveal = useEffectEvent((paths: string[]) => {
    const needed = paths.filter((path) => !openSet.has(path))
    if (needed.length > 0) setOpen([...open, ...needed])
  })
  const showsHidden = useShowsHidden((state) => state.shows)
  const readAt = answers.map((answer) => answer.dataUpdatedAt).join()
  // biome-ignore lint/correctness/useExhaustiveDependencies: `answers` is new on every render, `readAt` when one is.
  const rows = useMemo(() => {
    const byPath = new Map(folders.map((path, index) => [path, answers[index]?.data?.entries ?? undefined]))
    return treeRows(root, (path) => byPath.get(path), openSet, showsHidden ? undefined : (entry) => !isHidden(entry))
  }, [root, folders, openSet, readAt, showsHidden])
  const isShownFolder = shown !== null && (rows.find((row) => row.entry.path === shown)?.isFolder ?? false)
  useEffect(() => {
    if (shown !== null) reveal(isShownFolder ? [...ancestorPaths(shown), shown] : ancestorPaths(shown))
  }, [shown, isShownFolder])

  useEvents(folders.filter((path) => path.includes('/')).slice(0, mostWatched), (event) => {
    const changed = event.type === 'files' ? event.changes.map((change) => parentPath(change.path)) : [event.folder]
    for (const path of new Set(changed)) void queryClient.invalidateQueries({ queryKey: fileKeys.entry(path) })
  })

  return {
    root,
    rows,
    isPending: answers[0]?.isPending ?? false,
    error: answers[0]?.error ?? null,
    retry: () => void answers[0]?.refetch(),
    isOpen: (path: string) => openSet.has(path),
    foldAll: () => setOpen([]),
    setOpen: (path: string, isOpen: boolean) =>
      setOpen(isOpen ? [...open.filter((each) => each !== path), path] : open.filter((each) => each !== path)),
  }
}

export type Folders = ReturnType<typeof useOpenFolders>
