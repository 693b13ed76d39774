import { IconSearch } from '@tabler/icons-react'
import { lazy, type ReactNode, Suspense, useEffect, useMemo, useState } from 'react'
import { useCommands } from '../../../app/commands'
import { Keys } from '../../../components/Keys'
import styles from './search.module.css'

const loadFindFile = () => import('./FindFile').then((module) => ({ default: module.FindFile }))
const FindFile = lazy(loadFindFile)
const loadsAfter = 1500

export type OpenFound = (path: string, line?: number, column?: number) => void

export interface Finding {
  root: string
  /** The folder that is searched for content, or null where the tree is shown. */
  searched: string | null
  search: (folder: string) => void
  stop: () => void
  find: () => void
  dialog: (onOpen: OpenFound) => ReactNode
}

/** The two ways to find something below `root`: by name (Ctrl+P) and by content (Ctrl+Shift+F). */
export function useFinding(root: string): Finding {
  const [searched, setSearched] = useState<string | null>(null)
  const [isFinding, setFinding] = useState(false)
  const commands = useMemo(
    () => [
      { id: 'find-file', group: 'Files', label: 'Find a file', keys: 'Ctrl+P', run: () => setFinding(true) },
      {
        id: 'search-files',
        group: 'Files',
        label: 'Search in files',
        keys: 'Ctrl+Shift+F',
        run: () => setSearched((folder) => folder ?? root),
      },
    ],
    [root],
  )
  useCommands(commands)
  return {
    root,
    searched,
    search: setSearched,
    stop: () => setSearched(null),
    find: () => setFinding(true),
    dialog: (onOpen) =>
      isFinding && (
        <Suspense>
          <FindFile root={root} onOpen={onOpen} onClose={() => setFinding(false)} />
        </Suspense>
      ),
  }
}

/** Looks like a field, and opens one that finds as you type. */
export function FindButton({ onFind }: { onFind: () => void }) {
  useEffect(() => {
    // Whoever presses Ctrl+P types on at once.
    const timer = setTimeout(() => void loadFindFile().catch(() => undefined), loadsAfter)
    return () => clearTimeout(timer)
  }, [])
  return (
    <div className={styles.find}>
      <button type="button" className={styles.findButton} onClick={onFind}>
        <IconSearch size={14} stroke={1.5} aria-hidden />
        <span>Find a file</span>
        <span className="grow" />
        <Keys keys="Ctrl+P" />
      </button>
    </div>
  )
}
