import {
  IconArrowRight,
  IconDownload,
  IconFilePlus,
  IconFolderPlus,
  IconFolderSymlink,
  IconPencil,
  IconTrash,
  IconUpload,
} from '@tabler/icons-react'
import { contentAddress, type FileEntry } from '../../api/files'
import { exportAddress } from '../../api/flows'
import type { MenuEntry } from '../../components/Menu'
import { download } from '../../lib/download'

export interface EntryActs {
  open: () => void
  create: (kind: 'file' | 'folder') => void
  upload: (asFolder: boolean) => void
  rename: () => void
  move: () => void
  remove: () => void
}

const look = { size: 16, stroke: 1.5, 'aria-hidden': true } as const

export function downloadEntry(entry: FileEntry, isFolder: boolean): void {
  download(isFolder ? exportAddress(entry.path) : contentAddress(entry.path))
}

/** What can be done with a file or folder. */
export function entryMenu(entry: FileEntry, isFolder: boolean, acts: EntryActs): MenuEntry[] {
  const reason = entry.writable ? null : 'Read-only'
  const isHome = entry.path.split('/').length <= 2
  const fixed = reason ?? (isHome ? 'A home folder stays' : null)
  return [
    { label: 'Open', icon: <IconArrowRight {...look} />, onSelect: acts.open },
    ...(isFolder
      ? [
          'line' as const,
          {
            label: 'New file',
            icon: <IconFilePlus {...look} />,
            disabledReason: reason,
            onSelect: () => acts.create('file'),
          },
          {
            label: 'New folder',
            icon: <IconFolderPlus {...look} />,
            disabledReason: reason,
            onSelect: () => acts.create('folder'),
          },
          {
            label: 'Upload files',
            icon: <IconUpload {...look} />,
            disabledReason: reason,
            onSelect: () => acts.upload(false),
          },
          {
            label: 'Upload a folder',
            icon: <IconUpload {...look} />,
            disabledReason: reason,
            onSelect: () => acts.upload(true),
          },
        ]
      : []),
    'line',
    { label: 'Rename', icon: <IconPencil {...look} />, keys: 'F2', disabledReason: fixed, onSelect: acts.rename },
    { label: 'Move to…', icon: <IconFolderSymlink {...look} />, disabledReason: fixed, onSelect: acts.move },
    {
      label: isFolder ? 'Download as zip' : 'Download',
      icon: <IconDownload {...look} />,
      onSelect: () => downloadEntry(entry, isFolder),
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
