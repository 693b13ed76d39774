import {
  IconArrowRight,
  IconClipboard,
  IconClipboardCopy,
  IconCopy,
  IconCopyPlus,
  IconDownload,
  IconFilePlus,
  IconFolderPlus,
  IconFolderSymlink,
  IconPencil,
  IconScissors,
  IconSearch,
  IconTrash,
  IconUpload,
  IconUserDown,
} from '@tabler/icons-react'
import { contentAddress } from '../../api/files'
import { exportAddress } from '../../api/flows'
import type { MenuEntry } from '../../components/Menu'
import { download } from '../../lib/download'
import { counted } from '../../lib/format'

export interface MenuTarget {
  path: string
  isFolder: boolean
}

export interface EntryActs {
  open: () => void
  create: (kind: 'file' | 'folder') => void
  upload: (asFolder: boolean) => void
  searchIn: () => void
  rename: () => void
  move: () => void
  duplicate: () => void
  cut: () => void
  copy: () => void
  paste: () => void
  copyPath: () => void
  copyToMine: () => void
  remove: () => void
}

export interface EntryMenuOf {
  /** All that is chosen; the first is the one that was asked about. */
  targets: readonly MenuTarget[]
  /** Why nothing can be put into the folder, or beside the file. */
  readOnly: string | null
  /** Why the targets keep their names and places. */
  fixed: string | null
  /** It is not in one's own folder. */
  isForeign: boolean
  hasClip: boolean
  /** What a page offers besides, after what opens. */
  further?: MenuEntry[]
}

const look = { size: 16, stroke: 1.5, 'aria-hidden': true } as const
const pauseBetween = 400

/** Downloads files, and folders as zips; one after the other, since browsers drop what comes at once. */
export function downloadAll(targets: readonly MenuTarget[]): void {
  targets.forEach(({ path, isFolder }, index) => {
    setTimeout(() => download(isFolder ? exportAddress(path) : contentAddress(path)), index * pauseBetween)
  })
}

/** What can be done with a file or folder, or with several at once. */
export function entryMenu(of: EntryMenuOf, acts: EntryActs): MenuEntry[] {
  const { targets, fixed, further = [] } = of
  const first = targets[0]
  if (!first) return []
  const isOne = targets.length === 1
  return [
    isOne
      ? { label: 'Open', icon: <IconArrowRight {...look} />, onSelect: acts.open }
      : { heading: `${counted(targets.length, 'entry', 'entries')} chosen` },
    ...further,
    ...(isOne && first.isFolder ? folderEntries(of, acts) : []),
    'line',
    isOne && {
      label: 'Rename',
      icon: <IconPencil {...look} />,
      keys: 'F2',
      disabledReason: fixed,
      onSelect: acts.rename,
    },
    ...copyEntries(of, acts),
    {
      label: isOne && first.isFolder ? 'Download as zip' : 'Download',
      icon: <IconDownload {...look} />,
      onSelect: () => downloadAll(targets),
    },
    'line',
    {
      label: 'Delete',
      icon: <IconTrash {...look} />,
      keys: 'Delete',
      danger: true,
      disabledReason: fixed,
      onSelect: acts.remove,
    },
  ]
}

function folderEntries({ readOnly: disabledReason }: EntryMenuOf, acts: EntryActs): MenuEntry[] {
  return [
    'line',
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
    {
      label: 'Upload files',
      icon: <IconUpload {...look} />,
      disabledReason,
      onSelect: () => acts.upload(false),
    },
    {
      label: 'Upload a folder',
      icon: <IconUpload {...look} />,
      disabledReason,
      onSelect: () => acts.upload(true),
    },
    { label: 'Search in this folder', icon: <IconSearch {...look} />, onSelect: acts.searchIn },
  ]
}

function copyEntries({ targets, readOnly, fixed, isForeign, hasClip }: EntryMenuOf, acts: EntryActs): MenuEntry[] {
  const isOne = targets.length === 1
  return [
    {
      label: 'Duplicate',
      icon: <IconCopyPlus {...look} />,
      keys: 'Ctrl+D',
      disabledReason: readOnly,
      onSelect: acts.duplicate,
    },
    { label: 'Move to…', icon: <IconFolderSymlink {...look} />, disabledReason: fixed, onSelect: acts.move },
    isForeign && {
      label: 'Copy to my folder',
      icon: <IconUserDown {...look} />,
      onSelect: acts.copyToMine,
    },
    'line',
    { label: 'Cut', icon: <IconScissors {...look} />, keys: 'Ctrl+X', disabledReason: fixed, onSelect: acts.cut },
    { label: 'Copy', icon: <IconCopy {...look} />, keys: 'Ctrl+C', onSelect: acts.copy },
    hasClip && {
      label: 'Paste',
      icon: <IconClipboard {...look} />,
      keys: 'Ctrl+V',
      disabledReason: readOnly,
      onSelect: acts.paste,
    },
    {
      label: isOne ? 'Copy path' : 'Copy paths',
      icon: <IconClipboardCopy {...look} />,
      onSelect: acts.copyPath,
    },
  ]
}
