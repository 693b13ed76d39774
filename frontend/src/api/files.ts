import { queryOptions } from '@tanstack/react-query'
import { address } from '../lib/base'
import { encodePath } from '../lib/paths'
import { api, send, unwrap } from './client'
import type { components } from './schema'

export type FileEntry = components['schemas']['FileEntry']

export const fileKeys = {
  all: ['files'] as const,
  entry: (path: string) => ['files', 'entry', path] as const,
  content: (path: string) => ['files', 'content', path] as const,
}

/** An entry of the share; a folder's with its `entries`. */
export const entryQuery = (path: string) =>
  queryOptions({
    queryKey: fileKeys.entry(path),
    queryFn: ({ signal }) => unwrap(api.GET('/api/files/{path}', { params: { path: { path } }, signal })),
  })

export interface FileContent {
  text: string
  etag: string
  size: number
  /** The bytes are not UTF-8 text. */
  isBinary: boolean
  /** Who saved this version, where the studio knows. */
  writtenBy: string | null
}

export async function readContent(path: string, signal?: AbortSignal): Promise<FileContent> {
  const response = await send(`/api/content/${encodePath(path)}`, signal ? { signal } : {})
  const bytes = await response.arrayBuffer()
  const etag = response.headers.get('ETag') ?? ''
  const about = { etag, size: bytes.byteLength, writtenBy: response.headers.get('Written-By') }
  try {
    const text = new TextDecoder('utf-8', { fatal: true, ignoreBOM: true }).decode(bytes)
    return { ...about, text, isBinary: text.includes('\u0000') }
  } catch {
    return { ...about, text: '', isBinary: true }
  }
}

/** Replaces a file, only while it is still the one `etag` names; returns the new `etag`. */
export async function writeContent(path: string, body: BodyInit, etag?: string): Promise<string> {
  const response = await send(`/api/content/${encodePath(path)}`, {
    method: 'PUT',
    body,
    headers: { 'Content-Type': 'application/octet-stream', ...(etag ? { 'If-Match': etag } : {}) },
  })
  return response.headers.get('ETag') ?? ''
}

/** Makes a file where there is none yet. */
export async function createFile(path: string, body: BodyInit = ''): Promise<string> {
  const response = await send(`/api/content/${encodePath(path)}`, {
    method: 'PUT',
    body,
    headers: { 'Content-Type': 'application/octet-stream', 'If-None-Match': '*' },
  })
  return response.headers.get('ETag') ?? ''
}

export async function createFolder(path: string): Promise<void> {
  await api.POST('/api/files/{path}', { params: { path: { path } }, body: { kind: 'folder' } })
}

export async function moveEntry(path: string, target: string): Promise<void> {
  await api.PATCH('/api/files/{path}', { params: { path: { path } }, body: { path: target } })
}

/** Puts an entry into the trash and returns the id that brings it back. */
export async function deleteEntry(path: string): Promise<string> {
  const { response } = await api.DELETE('/api/files/{path}', { params: { path: { path } } })
  return response.headers.get('Trash-Entry') ?? ''
}

export type EntryOutcome = components['schemas']['EntryOutcome']

const mostAtOnce = 1000

/** Does one thing to many entries; each succeeds or fails alone. `to` is the folder that they go into. */
export async function changeMany(
  action: 'delete' | 'move' | 'copy',
  paths: readonly string[],
  to?: string,
): Promise<EntryOutcome[]> {
  const outcomes: EntryOutcome[] = []
  for (let start = 0; start < paths.length; start += mostAtOnce) {
    const body = { action, paths: paths.slice(start, start + mostAtOnce), to: to ?? null, find_name: action === 'copy' }
    outcomes.push(...(await unwrap(api.POST('/api/files-batch', { body }))).results)
  }
  return outcomes
}

export async function restoreEntry(id: string): Promise<FileEntry> {
  return unwrap(api.POST('/api/trash/{trash_id}/restore', { params: { path: { trash_id: id } } }))
}

export function contentAddress(path: string): string {
  return address(`/api/content/${encodePath(path)}`)
}
