import {
  IconArrowRight,
  IconCopy,
  IconDownload,
  IconFilePlus,
  IconFolderPlus,
  IconFolderSymlink,
  IconPencil,
  IconTrash,
  IconUpload,
} from '@tabler/icons-react'
import { type DragEvent, useMemo, useRef, useState } from 'react'
import { useStore } from 'zustand'
import { contentAddress, readContent } from '../../../api/files'
import { exportAddress } from '../../../api/flows'
import { IconButton } from '../../../components/Button'
import { ContextMenu, type ContextMenuState, type MenuEntry } from '../../../components/Menu'
import { ErrorMessage } from '../../../components/Note'
import { toast } from '../../../components/Toasts'
import { Tree, type TreeRow, treeDragType } from '../../../components/Tree'
import { download } from '../../../lib/download'
import { droppedEntries, fromFileList, walkEntries } from '../../../lib/dropped'
import { baseName, isInside, joinPath, nameProblem, numberedPath, parentPath } from '../../../lib/paths'
import { isPromptFile } from '../../editor/languages'
import { makeFile, makeFolder, moveInto, remove, rename } from '../../files/entryActions'
import { FileIcon } from '../../files/FileIcon'
import { UploadBar } from '../../files/UploadBar'
import { uploadInto } from '../../files/uploads'
import { useOpenFolders } from '../../files/useOpenFolders'
import { useAuthoring, useModel } from '../state/context'
import { moveTabs, openTab, selectCard } from '../state/pageStore'
import { useExport } from '../useExport'
import styles from './files.module.css'

type Naming = { act: 'file' | 'folder'; folder: string } | { act: 'rename'; path: string }

const newId = 'new entry'
const look = { size: 16, stroke: 1.5, 'aria-hidden': true } as const

/** The flow's folder: view, edit and manage its files. */
export function FilesPanel() {
  const { session, page, readOnly } = useAuthoring()
  const root = session.path
  const exportFlow = useExport()
  const folders = useOpenFolders(root, null, `flow:${root}`)
  const model = useModel()
  const isRaw = useStore(page, (state) => state.isRaw)
  const tab = useStore(page, (state) => state.tab)
  const selectedNode = useStore(page, (state) => state.selected)
  const flowFile = useStore(session.opened, (opened) => opened.flowFile)
  const [naming, setNaming] = useState<Naming | null>(null)
  const [context, setContext] = useState<ContextMenuState | null>(null)
  const picker = useRef<HTMLInputElement>(null)
  const uploadTarget = useRef(root)
  const cards = useMemo(() => {
    const entries = model.nodes.flatMap((node) =>
      [node.body, ...node.variants.map((variant) => variant.body)].map((body) => [body.sourcePath, node.name] as const),
    )
    return new Map(entries.reverse())
  }, [model])

  const entryOf = (id: string) => folders.rows.find((row) => row.entry.path === id)
  const nameOf = (path: string) => path.slice(root.length + 1)
  const shownFile = isRaw ? tab : (model.nodes.find((node) => node.name === selectedNode)?.body.sourcePath ?? '')
  const selected = shownFile === '' ? null : joinPath(root, shownFile)

  function open(id: string) {
    const row = entryOf(id)
    if (!row) return
    if (row.isFolder) {
      folders.setOpen(id, !row.isOpen)
      return
    }
    const card = cards.get(nameOf(id))
    if (!isRaw && card !== undefined) selectCard(page, card)
    else openTab(page, nameOf(id))
  }

  function startNaming(act: 'file' | 'folder', folder: string) {
    if (folder !== root) folders.setOpen(folder, true)
    setNaming({ act, folder })
  }

  function pick(folder: string) {
    uploadTarget.current = folder
    picker.current?.click()
  }

  async function finishNaming(name: string | null) {
    const current = naming
    setNaming(null)
    if (!current || name === null) return
    if (current.act === 'rename') {
      const target = joinPath(parentPath(current.path), name)
      await session.flush()
      if (await rename(current.path, name)) moveTabs(page, nameOf(current.path), nameOf(target))
      return
    }
    const path = joinPath(current.folder, name)
    if (current.act === 'folder') await makeFolder(path)
    else if (await makeFile(path)) openTab(page, nameOf(path))
  }

  async function deleteEntry(path: string) {
    if (!entryOf(path) || readOnly) return
    await session.flush()
    if (await remove(path)) moveTabs(page, nameOf(path), null)
  }

  async function duplicate(path: string) {
    try {
      await session.flush()
      const { text } = await readContent(path)
      for (let number = 2; number < 100; number += 1) {
        const name = nameOf(numberedPath(path, number))
        if (entryOf(joinPath(root, name))) continue
        await session.create(name, text)
        return
      }
    } catch (error) {
      toast.fail(error)
    }
  }

  async function drop(id: string, event: DragEvent) {
    const row = entryOf(id)
    const folder = row?.isFolder ? id : parentPath(id)
    const moved = event.dataTransfer.getData(treeDragType)
    if (moved) {
      if (!isInside(folder, moved) && parentPath(moved) !== folder && (await moveInto(moved, folder))) {
        moveTabs(page, nameOf(moved), nameOf(joinPath(folder, baseName(moved))))
      }
      return
    }
    await uploadInto(folder, await walkEntries(droppedEntries(event.dataTransfer)))
  }

  function menuOf(id: string): MenuEntry[] {
    const row = entryOf(id)
    if (!row) return []
    const fixed = readOnly ?? (nameOf(id) === flowFile ? 'The flow is in it.' : null)
    const card = cards.get(nameOf(id))
    return [
      !row.isFolder && {
        label: 'Open in a tab',
        icon: <IconArrowRight {...look} />,
        onSelect: () => openTab(page, nameOf(id)),
      },
      card !== undefined && {
        label: `Show node ${card}`,
        icon: <IconArrowRight {...look} />,
        onSelect: () => selectCard(page, card),
      },
      row.isFolder && {
        label: 'New file',
        icon: <IconFilePlus {...look} />,
        disabledReason: readOnly,
        onSelect: () => startNaming('file', id),
      },
      row.isFolder && {
        label: 'New folder',
        icon: <IconFolderPlus {...look} />,
        disabledReason: readOnly,
        onSelect: () => startNaming('folder', id),
      },
      row.isFolder && {
        label: 'Upload files',
        icon: <IconUpload {...look} />,
        disabledReason: readOnly,
        onSelect: () => pick(id),
      },
      'line',
      {
        label: 'Rename',
        keys: 'F2',
        icon: <IconPencil {...look} />,
        disabledReason: fixed,
        onSelect: () => setNaming({ act: 'rename', path: id }),
      },
      !row.isFolder && {
        label: 'Duplicate',
        icon: <IconCopy {...look} />,
        disabledReason: readOnly,
        onSelect: () => void duplicate(id),
      },
      {
        label: row.isFolder ? 'Download as zip' : 'Download',
        icon: row.isFolder ? <IconFolderSymlink {...look} /> : <IconDownload {...look} />,
        onSelect: () => download(row.isFolder ? exportAddress(id) : contentAddress(id)),
      },
      'line',
      {
        label: 'Delete',
        keys: 'Delete',
        danger: true,
        icon: <IconTrash {...look} />,
        disabledReason: fixed,
        onSelect: () => void deleteEntry(id),
      },
    ]
  }

  const rows = folders.rows.map(
    (row): TreeRow => ({
      id: row.entry.path,
      label: row.entry.name,
      depth: row.depth,
      expandable: row.isFolder,
      expanded: row.isOpen,
      position: row.position,
      siblings: row.siblings,
      icon: <HuedIcon name={row.entry.name} kind={row.entry.kind} />,
      dim: row.entry.name === '__pycache__' || row.entry.name.startsWith('.'),
      editing: naming?.act === 'rename' && naming.path === row.entry.path,
    }),
  )
  const siblings = (folder: string) =>
    folders.rows.filter((row) => parentPath(row.entry.path) === folder).map((row) => row.entry.name)
  return (
    <section aria-label="Files of the flow" className={styles.panel}>
      <header className={styles.head}>
        <h2 className={`${styles.title} truncate`}>{baseName(root)}</h2>
        <span className={styles.actions}>
          <IconButton
            size="small"
            label="New file"
            icon={<IconFilePlus {...look} />}
            disabledReason={readOnly}
            onClick={() => startNaming('file', root)}
          />
          <IconButton
            size="small"
            label="Upload"
            icon={<IconUpload {...look} />}
            disabledReason={readOnly}
            onClick={() => pick(root)}
          />
          <IconButton size="small" label="Export" icon={<IconDownload {...look} />} onClick={() => void exportFlow()} />
        </span>
      </header>
      {folders.error && (
        <ErrorMessage error={folders.error} title="The files could not be read." onRetry={folders.retry} />
      )}
      <Tree
        label="Files"
        rows={withNewRow(rows, naming, root)}
        selected={selected}
        onToggle={folders.setOpen}
        onOpen={open}
        onMenu={(id, at) => setContext({ ...at, entries: menuOf(id) })}
        onRename={(id) => !readOnly && nameOf(id) !== flowFile && setNaming({ act: 'rename', path: id })}
        onDelete={(id) => nameOf(id) !== flowFile && void deleteEntry(id)}
        onNameDone={(_, name) => void finishNaming(name)}
        nameProblem={(_, name) => {
          const folder = naming?.act === 'rename' ? parentPath(naming.path) : (naming?.folder ?? root)
          return nameProblem(name) ?? (siblings(folder).includes(name) ? `‘${name}’ is already there.` : null)
        }}
        onDrop={(id, event) => void (readOnly ? undefined : drop(id, event))}
        draggable={(id) => !readOnly && nameOf(id) !== flowFile}
      />
      <UploadBar />
      <input
        ref={picker}
        type="file"
        multiple
        hidden
        aria-label="Files to upload"
        onChange={(event) => {
          const files = [...(event.target.files ?? [])]
          event.target.value = ''
          if (files.length > 0) void uploadInto(uploadTarget.current, fromFileList(files))
        }}
      />
      <ContextMenu state={context} onClose={() => setContext(null)} />
    </section>
  )
}

/** A row for the name of an entry that does not exist yet, first in its folder. */
function withNewRow(rows: TreeRow[], naming: Naming | null, root: string): TreeRow[] {
  if (!naming || naming.act === 'rename') return rows
  const at = rows.findIndex((row) => row.id === naming.folder)
  if (at < 0 && naming.folder !== root) return rows
  const row: TreeRow = {
    id: newId,
    label: '',
    depth: (rows[at]?.depth ?? -1) + 1,
    expandable: false,
    expanded: false,
    position: 1,
    siblings: 1,
    icon: <FileIcon name="" kind={naming.act} />,
    editing: true,
  }
  return [...rows.slice(0, at + 1), row, ...rows.slice(at + 1)]
}

/** Code and prompts have the hue of the nodes they belong to. */
function HuedIcon({ name, kind }: { name: string; kind: string }) {
  const hue = name.endsWith('.py') ? 'python' : isPromptFile(name) ? 'prompt' : undefined
  return (
    <span data-kind={hue} className={hue && styles.hue}>
      <FileIcon name={name} kind={kind} />
    </span>
  )
}
