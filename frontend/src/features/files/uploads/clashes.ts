import { ApiError } from '../../../api/errors'
import { entryQuery, type FileEntry } from '../../../api/files'
import { queryClient } from '../../../api/queryClient'
import type { PickedFile } from '../../../lib/dropped'
import { ancestorPaths, joinPath, numberedPath, parentPath } from '../../../lib/paths'
import { type Clash, type ClashChoice, useUploads } from './state'

/** Where a file goes, and the version that it replaces there. */
export interface Target {
  file: File
  path: string
  replaces: string | null
}

/** What is in the folders that files go to. A folder below one that does not exist is not asked for. */
export class TakenNames {
  private readonly folders = new Map<string, Promise<ReadonlyMap<string, FileEntry>>>()
  private readonly promised = new Set<string>()
  private readonly top: string

  constructor(top: string) {
    this.top = top
  }

  async at(path: string): Promise<FileEntry | undefined> {
    return (await this.in(parentPath(path))).get(nameKey(path))
  }

  /** `name (2).txt` beside what is there; what is given away is taken. */
  async freeBeside(path: string): Promise<string> {
    const taken = await this.in(parentPath(path))
    for (let number = 2; ; number += 1) {
      const free = numberedPath(path, number)
      if (taken.has(nameKey(free)) || this.promised.has(free.toLowerCase())) continue
      this.promised.add(free.toLowerCase())
      return free
    }
  }

  private async in(folder: string): Promise<ReadonlyMap<string, FileEntry>> {
    const known = this.folders.get(folder)
    if (known) return known
    const reading = this.read(folder)
    this.folders.set(folder, reading)
    return reading
  }

  private async read(folder: string): Promise<ReadonlyMap<string, FileEntry>> {
    if (folder.length > this.top.length) {
      const above = await this.in(parentPath(folder))
      if (!above.has(nameKey(folder))) return new Map()
    }
    try {
      const { entries } = await queryClient.fetchQuery({ ...entryQuery(folder), retry: false, staleTime: 0 })
      return new Map((entries ?? []).map((entry) => [nameKey(entry.path), entry]))
    } catch (error) {
      if (error instanceof ApiError && error.status === 404) return new Map()
      throw error
    }
  }
}

/** Names that differ in their case only are one on many computers. */
const nameKey = (path: string): string => path.slice(path.lastIndexOf('/') + 1).toLowerCase()

/** Where files go below `folder`; for names that are taken the person decides, once for all if they like. */
export async function placeFiles(folder: string, files: readonly PickedFile[]): Promise<Target[]> {
  const taken = new TakenNames(folder)
  const placed: Target[] = []
  const clashes: { target: Target; entry: FileEntry }[] = []
  for (const { path, file } of files) {
    const target = { file, path: joinPath(folder, path), replaces: null }
    const entry = await taken.at(target.path)
    if (entry) clashes.push({ target, entry })
    else placed.push(target)
  }
  return [...placed, ...(await decide(clashes, taken))]
}

async function decide(clashes: { target: Target; entry: FileEntry }[], taken: TakenNames): Promise<Target[]> {
  const placed: Target[] = []
  let forAll: ClashChoice | null = null
  for (const [index, { target, entry }] of clashes.entries()) {
    const choice: ClashChoice =
      forAll ?? (await ask(target, entry, clashes.length - index - 1, (all) => (forAll = all)))
    const settled = await settle(target, entry, choice, taken)
    if (settled) placed.push(settled)
  }
  return placed
}

function ask(
  { path, file }: Target,
  entry: FileEntry,
  others: number,
  onAll: (choice: ClashChoice) => void,
): Promise<ClashChoice> {
  return new Promise((resolve) => {
    const answer: Clash['answer'] = (choice, isForAll) => {
      useUploads.setState({ clash: null })
      if (isForAll) onAll(choice)
      resolve(choice)
    }
    useUploads.setState({ clash: { path, entry, size: file.size, others, answer } })
  })
}

async function settle(
  target: Target,
  entry: FileEntry,
  choice: ClashChoice,
  taken: TakenNames,
): Promise<Target | null> {
  if (choice === 'skip') return null
  if (choice === 'replace' && entry.kind === 'file') return { ...target, path: entry.path, replaces: entry.etag }
  return { ...target, path: await taken.freeBeside(target.path), replaces: null }
}

/** Somebody has taken the name since it was looked at: ask about this one file. */
export async function placeAgain(target: Target): Promise<Target | null> {
  const taken = new TakenNames(ancestorPaths(target.path).at(-1) ?? '')
  const entry = await taken.at(target.path)
  if (!entry) return { ...target, replaces: null }
  return settle(target, entry, await ask(target, entry, 0, () => undefined), taken)
}
