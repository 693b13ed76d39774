import { useEffect, useState } from 'react'
import { useEvents } from '../../api/events'
import { useOpen } from '../../api/presence'
import { baseName, parentPath } from '../../lib/paths'
import { FileSession } from '../editor/FileSession'

/** The text of a file of the share that is open on this page. It saves itself, never over somebody else's change. */
export function useFileSession(path: string): FileSession {
  const [file] = useState(() => new FileSession(baseName(path), path, () => undefined))
  useOpen([path])
  useEvents([parentPath(path)], (event) => {
    if (event.type === 'rescan' || event.changes.some((change) => change.path === path)) void file.refresh()
  })
  useEffect(() => {
    void file.load()
    const leave = () => file.leave()
    const back = () => void file.save()
    addEventListener('pagehide', leave)
    addEventListener('online', back)
    return () => {
      removeEventListener('pagehide', leave)
      removeEventListener('online', back)
      leave()
    }
  }, [file])
  return file
}
