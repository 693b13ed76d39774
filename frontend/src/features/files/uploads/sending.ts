import { api, send, unwrap } from '../../../api/client'
import { ApiError } from '../../../api/errors'
import { createFile, writeContent } from '../../../api/files'

/** What can be sent again and again until the connection is back. */
export interface Sending {
  file: File
  path: string
  /** The version that it replaces, or null where nothing may be there. */
  replaces: string | null
  /** The upload at the studio, once it has begun. */
  uploadId: string | null
  signal: AbortSignal
  onBegun: (uploadId: string) => void
  onSent: (bytes: number) => void
}

/** Larger files go piece by piece, so that a broken connection costs one piece at most. */
export const largeFrom = 4_000_000

export class UnreadableFileError extends Error {
  constructor() {
    super('The file was changed or removed on this computer. Choose it again.')
  }
}

/** Sends a file, and what the studio has of it already not again. */
export async function sendFile(sending: Sending): Promise<void> {
  if (sending.file.size > largeFrom) await sendPieces(sending)
  else await sendWhole(sending)
}

async function sendWhole({ file, path, replaces, onSent }: Sending): Promise<void> {
  const bytes = await bytesOf(file)
  await (replaces === null ? createFile(path, bytes) : writeContent(path, bytes, replaces))
  onSent(file.size)
}

interface Progress {
  id: string
  offset: number
  chunk: number
}

async function sendPieces(sending: Sending): Promise<void> {
  const { file, signal, onSent } = sending
  const { id, chunk, ...start } = await begin(sending)
  let { offset } = start
  onSent(offset)
  while (offset < file.size) {
    // Sent as a part of the file, which the browser reads itself: as bytes, each piece held up the page.
    const piece = file.slice(offset, offset + chunk)
    await bytesOf(piece.slice(0, 1))
    const response = await send(`/api/uploads/${id}`, {
      method: 'PATCH',
      body: piece,
      signal,
      headers: { 'Content-Type': 'application/octet-stream', 'Upload-Offset': String(offset) },
    })
    offset = ((await response.json()) as Progress).offset
    onSent(offset)
  }
  await send(`/api/uploads/${id}/finish`, { method: 'POST', signal, headers: conditionOf(sending) })
}

const conditionOf = ({ replaces }: Sending): Record<string, string> =>
  replaces === null ? { 'If-None-Match': '*' } : { 'If-Match': replaces }

/** The upload as far as it has come, or a new one. */
async function begin({ uploadId, path, file, signal, onBegun }: Sending): Promise<Progress> {
  const known = uploadId === null ? null : await readUpload(uploadId, signal)
  if (known) return known
  const begun = await unwrap(api.POST('/api/uploads', { body: { path, size: file.size }, signal }))
  onBegun(begun.id)
  return begun
}

/** Null where the studio knows nothing of it any more. */
export async function readUpload(uploadId: string, signal?: AbortSignal): Promise<Progress | null> {
  try {
    const params = { path: { upload_id: uploadId } }
    return await unwrap(api.GET('/api/uploads/{upload_id}', { params, ...(signal && { signal }) }))
  } catch (error) {
    if (error instanceof ApiError && error.status === 404) return null
    throw error
  }
}

export async function cancelUpload(uploadId: string): Promise<void> {
  await api.DELETE('/api/uploads/{upload_id}', { params: { path: { upload_id: uploadId } } })
}

async function bytesOf(part: Blob): Promise<ArrayBuffer> {
  try {
    return await part.arrayBuffer()
  } catch {
    throw new UnreadableFileError()
  }
}

/** The studio or the way to it is away for now: the same may work in a moment. */
export function isPassing(error: unknown): boolean {
  if (error instanceof ApiError) {
    return [401, 408, 425, 429, 502, 503, 504].includes(error.status) || error.code === 'upload_offset'
  }
  return error instanceof TypeError
}
