import { IconFilePlus, IconFolderPlus, IconGitBranch, IconSearch, IconUpload } from '@tabler/icons-react'
import { lazy, Suspense, useMemo, useState } from 'react'
import type { FileEntry } from '../../api/files'
import { IconButton } from '../../components/Button'
import { ContextMenu, type ContextMenuState, Menu } from '../../components/Menu'
import { ErrorMessage } from '../../components/Note'
import { Panel } from '../../components/Panel'
import { Skeleton } from '../../components/Skeleton'
import { Tree } from '../../components/Tree'
import { isInside, parentPath } from '../../lib/paths'
import { useDelayed } from '../../lib/useDelayed'
import { useHistoryEntry } from '../history/historyEntry'
import { useTerminalEntry } from '../terminal/terminalEntry'
import { renamedPath, withNewRow } from './entryRows'
import { explorerMenu } from './explorerMenu'
import styles from './FilesPage.module.css'
import { MoveDialog } from './MoveDialog'
import { FindButton, useFinding } from './search/finding'
import { SearchPlace } from './search/SearchPlace'
import { shareRow } from './shareRows'
import { TreeMenu } from './TreeMenu'
import { UploadPlace } from './uploads/UploadPlace'
import { type Explorer, useExplorer } from './useExplorer'
import { useFilePicker } from './useFilePicker'
import { type Folders, useOpenFolders } from './useOpenFolders'
import { type Show, useShow } from './useShow'

const CloneDialog = lazy(() => import('../git/CloneDialog').then((module) => ({ default: module.CloneDialog })))

interface ShareTreeProps {
  shown: string | null
  me: string
  /** Where new entries go when nothing else is chosen. */
  home: string
}

const fixedReason = (entry: FileEntry): string | null => {
  if (!entry.writable) return 'Read-only'
  return entry.path.split('/').length <= 2 ? 'A home folder stays' : null
}

/** The whole share as a tree: own folders to work in, others' to read; or what was searched for in it. */
export function ShareTree({ shown, me, home }: ShareTreeProps) {
  const show = useShow()
  const folders = useOpenFolders('', shown ?? home, 'share')
  const explorer = useShareExplorer(folders, shown, show)
  const finding = useFinding('')
  const picker = useFilePicker()
  const [cloning, setCloning] = useState<string | null>(null)
  const target = targetFolder(shown, home, explorer)
  return (
    <div className={styles.tree}>
      {finding.searched !== null ? (
        <SearchPlace finding={finding} onOpen={show} />
      ) : (
        <Panel
          title="Share"
          fill
          className={styles.tree}
          actions={
            <>
              <TreeActions target={target} create={explorer.naming.create} upload={picker.pick} clone={setCloning} />
              <IconButton
                size="small"
                label="Search in files"
                keys="Ctrl+Shift+F"
                icon={<IconSearch {...look} />}
                onClick={() => finding.search('')}
              />
              <TreeMenu onFold={folders.foldAll} />
            </>
          }
        >
          <FindButton onFind={finding.find} />
          <TreeState folders={folders} />
          <Entries {...{ folders, explorer, finding, me, home, shown, show, upload: picker.pick, clone: setCloning }} />
        </Panel>
      )}
      <UploadPlace />
      {picker.inputs}
      {finding.dialog(show)}
      {cloning !== null && (
        <Suspense>
          <CloneDialog into={cloning} onClose={() => setCloning(null)} />
        </Suspense>
      )}
      {explorer.moving.length > 0 && (
        <MoveDialog
          paths={explorer.moving}
          onClose={explorer.stopMoving}
          onMove={(folder) => explorer.move(explorer.moving, folder)}
        />
      )}
    </div>
  )
}

function useShareExplorer(folders: Folders, shown: string | null, show: Show): Explorer {
  return useExplorer({
    folders,
    fixedReason,
    rootReason: 'Drop it on a folder',
    before: async () => undefined,
    // The page stays with what it shows when that gets another path.
    onMoved: (from, to) => shown !== null && isInside(shown, from) && show(to + shown.slice(from.length)),
    onRemoved: (path) => shown !== null && isInside(shown, path) && show(parentPath(path)),
    onMade: (path) => show(path),
  })
}

interface EntriesProps extends ShareTreeProps {
  folders: Folders
  explorer: Explorer
  finding: ReturnType<typeof useFinding>
  show: Show
  upload: (folder: string, asFolder: boolean) => void
  clone: (folder: string) => void
}

function Entries({ folders, explorer, finding, me, home, shown, show, upload, clone }: EntriesProps) {
  const [context, setContext] = useState<ContextMenuState | null>(null)
  const history = useHistoryEntry()
  const terminal = useTerminalEntry()
  const { naming } = explorer.naming
  const renamed = renamedPath(naming)
  const rows = useMemo(() => folders.rows.map((row) => shareRow(row, me, renamed)), [folders.rows, me, renamed])
  const entryOf = (path: string) => explorer.rowOf(path)?.entry

  function open(id: string) {
    const row = explorer.rowOf(id)
    if (row?.isFolder) folders.setOpen(id, shown === id ? !row.isOpen : true)
    show(id)
  }

  const menuOf = (id: string) =>
    explorerMenu(
      {
        explorer,
        me,
        home,
        fixedReason: (path) => {
          const entry = entryOf(path)
          return entry ? fixedReason(entry) : null
        },
        readOnlyReason: (path) => (entryOf(path)?.writable ? null : 'Read-only'),
        open,
        show,
        upload,
        searchIn: finding.search,
        further: (path) => [
          history(path),
          terminal(path, explorer.rowOf(path)?.isFolder ?? false),
          explorer.rowOf(path)?.isFolder === true && {
            label: 'Clone a repository here',
            icon: <IconGitBranch {...look} />,
            disabledReason: entryOf(path)?.writable ? null : 'Read-only',
            onSelect: () => clone(path),
          },
        ],
      },
      id,
    )

  return (
    <>
      <Tree
        label="Files"
        rows={withNewRow(rows, naming, '')}
        selected={shown}
        chosen={explorer.chosen}
        onToggle={folders.setOpen}
        onOpen={open}
        onMenu={(id, at) => setContext({ ...at, entries: menuOf(id) })}
        {...explorer.acts}
      />
      <ContextMenu state={context} onClose={() => setContext(null)} />
    </>
  )
}

/** The folder that buttons above the tree act in: the one shown, or that of the file shown, if it may be changed. */
function targetFolder(shown: string | null, home: string, explorer: Explorer): string {
  if (shown === null) return home
  return explorer.rowOf(shown)?.entry.writable ? explorer.folderAt(shown) : home
}

interface TreeActionsProps {
  target: string
  create: (act: 'file' | 'folder', folder: string) => void
  upload: (folder: string, asFolder: boolean) => void
  clone: (folder: string) => void
}

const look = { size: 16, stroke: 1.5, 'aria-hidden': true } as const

function TreeActions({ target, create, upload, clone }: TreeActionsProps) {
  return (
    <>
      <IconButton
        size="small"
        label="New file"
        icon={<IconFilePlus {...look} />}
        onClick={() => create('file', target)}
      />
      <IconButton
        size="small"
        label="New folder"
        icon={<IconFolderPlus {...look} />}
        onClick={() => create('folder', target)}
      />
      <Menu
        position="bottom-end"
        entries={[
          { heading: `Into ${target}` },
          { label: 'Files', onSelect: () => upload(target, false) },
          { label: 'A folder', onSelect: () => upload(target, true) },
          { label: 'A git repository', onSelect: () => clone(target) },
        ]}
      >
        <IconButton size="small" label="Upload" icon={<IconUpload {...look} />} />
      </Menu>
    </>
  )
}

/** While the share is being read, or could not be. */
function TreeState({ folders }: { folders: Folders }) {
  const isSlow = useDelayed(folders.isPending)
  if (folders.error) {
    return <ErrorMessage error={folders.error} title="The share could not be read." onRetry={folders.retry} />
  }
  if (!isSlow) return null
  return (
    <div className={styles.skeleton}>
      {[90, 120, 150, 110, 140].map((width) => (
        <Skeleton key={width} width={width} />
      ))}
    </div>
  )
}
