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
import { contentAddress } from '../../../api/files'
import { exportAddress } from '../../../api/flows'
import type { MenuEntry } from '../../../components/Menu'
import { download } from '../../../lib/download'

const look = { size: 16, stroke: 1.5, 'aria-hidden': true } as const

export interface FileMenuTarget {
  path: string
  isFolder: boolean
  /** The node in whose card the file is. */
  card: string | undefined
  /** Why nothing here can be changed. */
  readOnly: string | null
  /** Why this one keeps its name and place. */
  fixed: string | null
}

export interface FileMenuActs {
  openTab: () => void
  showCard: (card: string) => void
  create: (act: 'file' | 'folder') => void
  upload: () => void
  rename: () => void
  duplicate: () => void
  remove: () => void
}

/** What can be done with a file or folder of the flow. */
export function fileMenu(target: FileMenuTarget, acts: FileMenuActs): MenuEntry[] {
  const { path, isFolder, card, readOnly, fixed } = target
  return [
    ...(isFolder ? folderEntries(readOnly, acts) : [open(acts)]),
    card !== undefined && {
      label: `Show node ${card}`,
      icon: <IconArrowRight {...look} />,
      onSelect: () => acts.showCard(card),
    },
    'line',
    { label: 'Rename', keys: 'F2', icon: <IconPencil {...look} />, disabledReason: fixed, onSelect: acts.rename },
    !isFolder && {
      label: 'Duplicate',
      icon: <IconCopy {...look} />,
      disabledReason: readOnly,
      onSelect: acts.duplicate,
    },
    {
      label: isFolder ? 'Download as zip' : 'Download',
      icon: isFolder ? <IconFolderSymlink {...look} /> : <IconDownload {...look} />,
      onSelect: () => download(isFolder ? exportAddress(path) : contentAddress(path)),
    },
    'line',
    {
      label: 'Delete',
      keys: 'Delete',
      danger: true,
      icon: <IconTrash {...look} />,
      disabledReason: fixed,
      onSelect: acts.remove,
    },
  ]
}

function open(acts: FileMenuActs): MenuEntry {
  return { label: 'Open in a tab', icon: <IconArrowRight {...look} />, onSelect: acts.openTab }
}

function folderEntries(disabledReason: string | null, acts: FileMenuActs): MenuEntry[] {
  return [
    {
      label: 'New file',
      icon: <IconFilePlus {...look} />,
      disabledReason,
      onSelect: () => acts.create('file'),
    },
    {
      label: 'New folder',
      icon: <IconFolderPlus {...look} />,
      disabledReason,
      onSelect: () => acts.create('folder'),
    },
    { label: 'Upload files', icon: <IconUpload {...look} />, disabledReason, onSelect: acts.upload },
  ]
}
