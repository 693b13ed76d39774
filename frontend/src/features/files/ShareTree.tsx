import { IconFilePlus, IconFolderPlus, IconUpload } from '@tabler/icons-react'
import { useNavigate } from '@tanstack/react-router'
import { useMemo, useState } from 'react'
import { IconButton } from '../../components/Button'
import { ContextMenu, type ContextMenuState, Menu } from '../../components/Menu'
import { ErrorMessage } from '../../components/Note'
import { Panel } from '../../components/Panel'
import { Skeleton } from '../../components/Skeleton'
import { Tree } from '../../components/Tree'
import { parentPath } from '../../lib/paths'
import { useDelayed } from '../../lib/useDelayed'
import { entryMenu } from './entryMenu'
import styles from './FilesPage.module.css'
import { MoveDialog } from './MoveDialog'
import { shareRow, withNewRow } from './shareRows'
import { UploadBar } from './UploadBar'
import { useFilePicker } from './useFilePicker'
import { useOpenFolders } from './useOpenFolders'
import { useTreeEdits } from './useTreeEdits'

interface ShareTreeProps {
  shown: string | null
  me: string
  /** Where new entries go when nothing else is chosen. */
  home: string
}

/** The whole share as a tree: own folders to work in, others' to read. */
export function ShareTree({ shown, me, home }: ShareTreeProps) {
  const navigate = useNavigate()
  const show = (path: string) => void navigate({ to: '/files/$', params: { _splat: path } })
  const folders = useOpenFolders('', shown ?? home, 'share')
  const edits = useTreeEdits({ folders, shown, show })
  const picker = useFilePicker()
  const [context, setContext] = useState<ContextMenuState | null>(null)
  const renamed = edits.naming?.act === 'rename' ? edits.naming.path : null
  const rows = useMemo(() => folders.rows.map((row) => shareRow(row, me, renamed)), [folders.rows, me, renamed])

  function openMenu(id: string, at: { x: number; y: number }) {
    const row = edits.rowOf(id)
    if (!row) return
    const entries = entryMenu(row.entry, row.isFolder, {
      open: () => show(id),
      create: (act) => edits.create(act, id),
      upload: (asFolder) => picker.pick(id, asFolder),
      rename: () => edits.acts.onRename?.(id),
      move: () => edits.startMoving(row.entry),
      remove: () => edits.acts.onDelete?.(id),
    })
    setContext({ ...at, entries })
  }

  function open(id: string) {
    const row = edits.rowOf(id)
    if (row?.isFolder) folders.setOpen(id, shown === id ? !row.isOpen : true)
    show(id)
  }

  return (
    <div className={styles.tree}>
      <Panel
        title="Share"
        fill
        className={styles.tree}
        actions={<TreeActions target={targetFolder(shown, home, edits)} create={edits.create} upload={picker.pick} />}
      >
        <TreeState folders={folders} />
        <Tree
          label="Files"
          rows={withNewRow(rows, edits.naming)}
          selected={shown}
          onToggle={folders.setOpen}
          onOpen={open}
          onMenu={openMenu}
          {...edits.acts}
        />
      </Panel>
      <UploadBar />
      {picker.inputs}
      <ContextMenu state={context} onClose={() => setContext(null)} />
      {edits.moving && <MoveDialog entry={edits.moving} onClose={edits.stopMoving} onMoved={show} />}
    </div>
  )
}

/** The folder that buttons above the tree act in: the one shown, or that of the file shown, if it may be changed. */
function targetFolder(shown: string | null, home: string, edits: ReturnType<typeof useTreeEdits>): string {
  if (shown === null) return home
  const row = edits.rowOf(shown)
  if (!row?.entry.writable) return home
  return row.isFolder ? shown : parentPath(shown)
}

interface TreeActionsProps {
  target: string
  create: (act: 'file' | 'folder', folder: string) => void
  upload: (folder: string, asFolder: boolean) => void
}

const look = { size: 16, stroke: 1.5, 'aria-hidden': true } as const

function TreeActions({ target, create, upload }: TreeActionsProps) {
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
        ]}
      >
        <IconButton size="small" label="Upload" icon={<IconUpload {...look} />} />
      </Menu>
    </>
  )
}

/** While the share is being read, or could not be. */
function TreeState({ folders }: { folders: ReturnType<typeof useOpenFolders> }) {
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
