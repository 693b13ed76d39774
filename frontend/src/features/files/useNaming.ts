import { useState } from 'react'
import { joinPath, nameProblem, parentPath } from '../../lib/paths'
import { makeFile, makeFolder, rename } from './entryActions'
import type { Folders } from './useOpenFolders'

/** What is being named: a new entry, or one that exists. */
export type Naming = { act: 'file' | 'folder'; folder: string } | { act: 'rename'; path: string }

interface NamingOf {
  folders: Folders
  /** What is typed in editors gets to disk before anything moves. */
  before: () => Promise<void>
  onRenamed: (from: string, to: string) => void
  onMade: (path: string, kind: 'file' | 'folder') => void
}

/** The name that is being written in the tree: a new one, or another for something that is there. */
export function useNaming({ folders, before, onRenamed, onMade }: NamingOf) {
  const [naming, setNaming] = useState<Naming | null>(null)

  async function finish(name: string | null) {
    const current = naming
    setNaming(null)
    if (!current || name === null) return
    if (current.act === 'rename') {
      await before()
      if (await rename(current.path, name)) onRenamed(current.path, joinPath(parentPath(current.path), name))
      return
    }
    const path = joinPath(current.folder, name)
    if (await (current.act === 'file' ? makeFile(path) : makeFolder(path))) onMade(path, current.act)
  }

  function problemOf(name: string): string | null {
    const folder = naming?.act === 'rename' ? parentPath(naming.path) : (naming?.folder ?? '')
    const isTaken = folders.rows.some(({ entry }) => entry.path === joinPath(folder, name))
    return nameProblem(name) ?? (isTaken ? `‘${name}’ is already there.` : null)
  }

  return {
    naming,
    finish,
    problemOf,
    create: (act: 'file' | 'folder', folder: string) => {
      if (folder !== folders.root) folders.setOpen(folder, true)
      setNaming({ act, folder })
    },
    rename: (path: string) => setNaming({ act: 'rename', path }),
  }
}
