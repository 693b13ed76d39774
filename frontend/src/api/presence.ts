import { useEffect } from 'react'
import { create } from 'zustand'
import { setOpenPaths } from './events'
import { queryClient } from './queryClient'
import { sessionQuery } from './session'

/** Who has which flows and files open, as the studio last said. */
export const usePresence = create<Record<string, readonly string[]>>(() => ({}))

const opened = new Map<object, readonly string[]>()

function tell(): void {
  setOpenPaths([...new Set([...opened.values()].flat())].slice(0, 100), (path, users) =>
    usePresence.setState({ [path]: users }),
  )
}

/** Lets others see that these flows and files are open here, while they are. */
export function useOpen(paths: readonly string[]): void {
  const key = paths.join('\n')
  useEffect(() => {
    if (key === '') return
    const id = {}
    opened.set(id, key.split('\n'))
    tell()
    return () => {
      opened.delete(id)
      tell()
    }
  }, [key])
}

const nobody: readonly string[] = []

/** Who else has it open. */
export function useOthers(path: string): readonly string[] {
  const users = usePresence((all) => all[path] ?? nobody)
  const me = queryClient.getQueryData(sessionQuery.queryKey)?.username
  return users.filter((user) => user !== me)
}
