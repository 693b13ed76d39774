/** Files and folders that a person picked or dropped, as a flat list of files with their paths. */

export interface PickedFile {
  /** `folder/sub/name`, `/`-separated. */
  path: string
  file: File
}

/** Files that belong to the machine or to version control and are no part of a flow. */
const leftOut = new Set(['.DS_Store', 'Thumbs.db', '__MACOSX'])

function isWanted(path: string): boolean {
  return !path.split('/').some((name) => leftOut.has(name))
}

export function fromFileList(files: Iterable<File>): PickedFile[] {
  return [...files]
    .map((file) => ({ path: file.webkitRelativePath || file.name, file }))
    .filter(({ path }) => isWanted(path))
}

/** Must be called inside the drop event: the browser forgets the entries right after it. */
export function droppedEntries(transfer: DataTransfer): FileSystemEntry[] {
  return [...transfer.items].flatMap((item) => {
    const entry = item.kind === 'file' ? item.webkitGetAsEntry() : null
    return entry ? [entry] : []
  })
}

/** Walks dropped folders. `onFound` hears how many files there are so far. */
export async function walkEntries(
  entries: readonly FileSystemEntry[],
  onFound?: (count: number) => void,
): Promise<PickedFile[]> {
  const found: PickedFile[] = []
  const waiting = [...entries]
  for (let entry = waiting.shift(); entry; entry = waiting.shift()) {
    const path = entry.fullPath.replace(/^\//, '')
    if (!isWanted(path)) continue
    if (entry.isDirectory) {
      waiting.push(...(await readFolder(entry as FileSystemDirectoryEntry)))
    } else {
      found.push({ path, file: await readFile(entry as FileSystemFileEntry) })
      if (found.length % 100 === 0) onFound?.(found.length)
    }
  }
  onFound?.(found.length)
  return found
}

/** `readEntries` gives at most a hundred at a time, so it is asked until it gives none. */
async function readFolder(folder: FileSystemDirectoryEntry): Promise<FileSystemEntry[]> {
  const reader = folder.createReader()
  const all: FileSystemEntry[] = []
  for (;;) {
    const some = await new Promise<FileSystemEntry[]>((resolve, reject) => reader.readEntries(resolve, reject))
    if (some.length === 0) return all
    all.push(...some)
  }
}

function readFile(entry: FileSystemFileEntry): Promise<File> {
  return new Promise((resolve, reject) => entry.file(resolve, reject))
}

export function isZip(file: File): boolean {
  return /\.zip$/i.test(file.name) || file.type === 'application/zip' || file.type === 'application/x-zip-compressed'
}

/** The name a flow made of these files would naturally have. */
export function suggestedName(files: readonly PickedFile[]): string {
  const first = files[0]
  if (!first) return ''
  if (files.length === 1 && isZip(first.file)) return first.file.name.replace(/\.zip$/i, '')
  const top = first.path.split('/')[0] ?? ''
  const shared = first.path.includes('/') && files.every(({ path }) => path.startsWith(`${top}/`))
  return shared ? top : ''
}
