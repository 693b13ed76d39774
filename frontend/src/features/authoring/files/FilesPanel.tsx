import { IconDownload, IconFilePlus, IconUpload } from '@tabler/icons-react'
import { type RefObject, useMemo, useRef, useState } from 'react'
import { useStore } from 'zustand'
import { IconButton } from '../../../components/Button'
import { ContextMenu, type ContextMenuState, type MenuEntry } from '../../../components/Menu'
import { ErrorMessage } from '../../../components/Note'
import { Tree } from '../../../components/Tree'
import { fromFileList } from '../../../lib/dropped'
import { baseName, joinPath } from '../../../lib/paths'
import { UploadBar } from '../../files/UploadBar'
import { uploadInto } from '../../files/uploads'
import { useOpenFolders } from '../../files/useOpenFolders'
import { useAuthoring, useModel } from '../state/context'
import { openTab, selectCard } from '../state/pageStore'
import { useExport } from '../useExport'
import { fileMenu } from './fileMenu'
import { fileRows } from './fileRows'
import styles from './files.module.css'
import { useFileEdits, useNaming } from './useFileEdits'

const look = { size: 16, stroke: 1.5, 'aria-hidden': true } as const

/** The flow's folder: view, edit and manage its files. */
export function FilesPanel() {
  const { session, readOnly } = useAuthoring()
  const root = session.path
  const folders = useOpenFolders(root, null, `flow:${root}`)
  const edits = useFileEdits(folders)
  const names = useNaming(folders)
  const cards = useCards()
  const flowFile = useStore(session.opened, (opened) => opened.flowFile)
  const [context, setContext] = useState<ContextMenuState | null>(null)
  const picker = useFilePicker(root)
  const open = useOpen(folders, edits, cards)
  const menuOf = useFileMenu({ edits, names, cards, flowFile, pick: picker.pick })
  const isFixed = (id: string) => readOnly !== null || edits.nameOf(id) === flowFile
  const rows = useMemo(() => fileRows(folders.rows, names.naming, root), [folders.rows, names.naming, root])
  return (
    <section aria-label="Files of the flow" className={styles.panel}>
      <Head onNew={() => names.startNaming('file', root)} onUpload={() => picker.pick(root)} />
      {folders.error && (
        <ErrorMessage error={folders.error} title="The files could not be read." onRetry={folders.retry} />
      )}
      <Tree
        label="Files"
        rows={rows}
        selected={useShownFile()}
        onToggle={folders.setOpen}
        onOpen={open}
        onMenu={(id, at) => setContext({ ...at, entries: menuOf(id) })}
        onRename={(id) => !isFixed(id) && names.startRenaming(id)}
        onDelete={(id) => !isFixed(id) && void edits.deleteEntry(id)}
        onNameDone={(_, name) => void names.finishNaming(name)}
        nameProblem={(_, name) => names.problemOf(name)}
        onDrop={(id, event) => void (readOnly ? undefined : edits.drop(id, event))}
        draggable={(id) => !isFixed(id)}
      />
      <UploadBar />
      <FileInput input={picker.input} onFiles={picker.upload} />
      <ContextMenu state={context} onClose={() => setContext(null)} />
    </section>
  )
}

function Head({ onNew, onUpload }: { onNew: () => void; onUpload: () => void }) {
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
          onClick={onUpload}
        />
        <IconButton size="small" label="Export" icon={<IconDownload {...look} />} onClick={() => void exportFlow()} />
      </span>
    </header>
  )
}

type Cards = ReadonlyMap<string, string>

/** The node in whose card each file is. */
function useCards(): Cards {
  const model = useModel()
  return useMemo(() => {
    const entries = model.nodes.flatMap((node) =>
      [node.body, ...node.variants.map((variant) => variant.body)].map((body) => [body.sourcePath, node.name] as const),
    )
    return new Map(entries.reverse())
  }, [model])
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

type Edits = ReturnType<typeof useFileEdits>

function useOpen(folders: ReturnType<typeof useOpenFolders>, edits: Edits, cards: Cards): (id: string) => void {
  const { page } = useAuthoring()
  const isRaw = useStore(page, (state) => state.isRaw)
  return (id) => {
    const row = edits.entryOf(id)
    if (!row) return
    if (row.isFolder) {
      folders.setOpen(id, !row.isOpen)
      return
    }
    const card = cards.get(edits.nameOf(id))
    if (!isRaw && card !== undefined) selectCard(page, card)
    else openTab(page, edits.nameOf(id))
  }
}

interface FileMenuParts {
  edits: Edits
  names: ReturnType<typeof useNaming>
  cards: Cards
  flowFile: string
  pick: (folder: string) => void
}

function useFileMenu({ edits, names, cards, flowFile, pick }: FileMenuParts): (id: string) => MenuEntry[] {
  const { page, readOnly } = useAuthoring()
  return (id) => {
    const row = edits.entryOf(id)
    if (!row) return []
    const name = edits.nameOf(id)
    const fixed = readOnly ?? (name === flowFile ? 'The flow is in it.' : null)
    const target = { path: id, isFolder: row.isFolder, card: cards.get(name), readOnly, fixed }
    return fileMenu(target, {
      openTab: () => openTab(page, name),
      showCard: (card) => selectCard(page, card),
      create: (act) => names.startNaming(act, id),
      upload: () => pick(id),
      rename: () => names.startRenaming(id),
      duplicate: () => void edits.duplicate(id),
      remove: () => void edits.deleteEntry(id),
    })
  }
}

/** Lets people choose files for a folder. */
function useFilePicker(root: string) {
  const input = useRef<HTMLInputElement>(null)
  const target = useRef(root)
  const pick = (folder: string) => {
    target.current = folder
    input.current?.click()
  }
  const upload = (files: File[]) => void uploadInto(target.current, fromFileList(files))
  return { input, pick, upload }
}

interface FileInputProps {
  input: RefObject<HTMLInputElement | null>
  onFiles: (files: File[]) => void
}

function FileInput({ input, onFiles }: FileInputProps) {
  return (
    <input
      ref={input}
      type="file"
      multiple
      hidden
      aria-label="Files to upload"
      onChange={(event) => {
        const files = [...(event.target.files ?? [])]
        event.target.value = ''
        if (files.length > 0) onFiles(files)
      }}
    />
  )
}
