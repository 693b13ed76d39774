import { IconDownload, IconFilePlus, IconSearch, IconUpload } from '@tabler/icons-react'
import { useMemo, useState } from 'react'
import { useStore } from 'zustand'
import { IconButton } from '../../../components/Button'
import { ContextMenu, type ContextMenuState } from '../../../components/Menu'
import { ErrorMessage } from '../../../components/Note'
import { Tree } from '../../../components/Tree'
import { baseName, joinPath } from '../../../lib/paths'
import { renamedPath, withNewRow } from '../../files/entryRows'
import { MoveDialog } from '../../files/MoveDialog'
import { useFinding } from '../../files/search/finding'
import { SearchPlace } from '../../files/search/SearchPlace'
import { TreeMenu } from '../../files/TreeMenu'
import { UploadPlace } from '../../files/uploads/UploadPlace'
import type { Explorer } from '../../files/useExplorer'
import { useFilePicker } from '../../files/useFilePicker'
import { type Folders, useOpenFolders } from '../../files/useOpenFolders'
import { useAuthoring, useModel } from '../state/context'
import { useExport } from '../useExport'
import { fileRows } from './fileRows'
import styles from './files.module.css'
import { useCards, useFlowExplorer, useFlowMenu, useOpenFile } from './useFlowExplorer'

const look = { size: 16, stroke: 1.5, 'aria-hidden': true } as const

/** The flow's folder: view, edit and manage its files, and search them. */
export function FilesPanel() {
  const { session, readOnly } = useAuthoring()
  const root = session.path
  const folders = useOpenFolders(root, null, `flow:${root}`)
  const explorer = useFlowExplorer(folders)
  const cards = useCards()
  const finding = useFinding(root)
  const picker = useFilePicker()
  const open = useOpenFile(folders, explorer, cards)
  const upload = (folder: string, asFolder: boolean) => !readOnly && picker.pick(folder, asFolder)
  const menuOf = useFlowMenu({ explorer, cards, open, upload, searchIn: finding.search })
  return (
    <section aria-label="Files of the flow" className={styles.panel}>
      {finding.searched !== null ? (
        <SearchPlace finding={finding} onOpen={open} />
      ) : (
        <>
          <Head
            onNew={() => explorer.naming.create('file', root)}
            onUpload={(asFolder) => upload(root, asFolder)}
            onSearch={() => finding.search(root)}
            onFold={folders.foldAll}
          />
          {folders.error && (
            <ErrorMessage error={folders.error} title="The files could not be read." onRetry={folders.retry} />
          )}
          <Entries folders={folders} explorer={explorer} open={open} menuOf={menuOf} />
        </>
      )}
      <UploadPlace />
      {picker.inputs}
      {finding.dialog(open)}
      {explorer.moving.length > 0 && (
        <MoveDialog
          paths={explorer.moving}
          onClose={explorer.stopMoving}
          onMove={(folder) => explorer.move(explorer.moving, folder)}
        />
      )}
    </section>
  )
}

interface EntriesProps {
  folders: Folders
  explorer: Explorer
  open: (path: string) => void
  menuOf: ReturnType<typeof useFlowMenu>
}

function Entries({ folders, explorer, open, menuOf }: EntriesProps) {
  const { readOnly } = useAuthoring()
  const [context, setContext] = useState<ContextMenuState | null>(null)
  const { naming } = explorer.naming
  const renamed = renamedPath(naming)
  const rows = useMemo(() => fileRows(folders.rows, renamed), [folders.rows, renamed])
  const { onDrop, onCtrl, ...acts } = explorer.acts
  return (
    <>
      <Tree
        label="Files"
        rows={withNewRow(rows, naming, folders.root)}
        selected={useShownFile()}
        chosen={explorer.chosen}
        onToggle={folders.setOpen}
        onOpen={open}
        onMenu={(id, at) => setContext({ ...at, entries: menuOf(id) })}
        {...acts}
        {...(readOnly === null && { onDrop, onCtrl })}
      />
      <ContextMenu state={context} onClose={() => setContext(null)} />
    </>
  )
}

interface HeadProps {
  onNew: () => void
  onUpload: (asFolder: boolean) => void
  onSearch: () => void
  onFold: () => void
}

function Head({ onNew, onUpload, onSearch, onFold }: HeadProps) {
  const { session, readOnly } = useAuthoring()
  const exportFlow = useExport()
  return (
    <header className={styles.head}>
      <h2 className={`${styles.title} truncate`}>{baseName(session.path)}</h2>
      <span className={styles.actions}>
        <IconButton
          size="small"
          label="New file"
          icon={<IconFilePlus {...look} />}
          disabledReason={readOnly}
          onClick={onNew}
        />
        <IconButton
          size="small"
          label="Upload"
          icon={<IconUpload {...look} />}
          disabledReason={readOnly}
          onClick={() => onUpload(false)}
        />
        <IconButton size="small" label="Export" icon={<IconDownload {...look} />} onClick={() => void exportFlow()} />
        <IconButton
          size="small"
          label="Search in files"
          keys="Ctrl+Shift+F"
          icon={<IconSearch {...look} />}
          onClick={onSearch}
        />
        <TreeMenu
          onFold={onFold}
          further={[{ label: 'Upload a folder', disabledReason: readOnly, onSelect: () => onUpload(true) }, 'line']}
        />
      </span>
    </header>
  )
}

/** The file in the open tab, or of the selected card. */
function useShownFile(): string | null {
  const { session, page } = useAuthoring()
  const model = useModel()
  const isRaw = useStore(page, (state) => state.isRaw)
  const tab = useStore(page, (state) => state.tab)
  const selectedNode = useStore(page, (state) => state.selected)
  const file = isRaw ? tab : (model.nodes.find((node) => node.name === selectedNode)?.body.sourcePath ?? '')
  return file === '' ? null : joinPath(session.path, file)
}
