import { send } from '../../../api/client'
import { encodePath } from '../../../lib/paths'

export class FileChangedError extends Error {
  constructor() {
    super('The file has changed meanwhile.')
  }
}

/** The bytes from `from` up to, but not with, `to`, of the version that `etag` names. */
export async function readRange(
  path: string,
  from: number,
  to: number,
  etag: string,
  signal?: AbortSignal,
): Promise<Uint8Array> {
  if (to <= from) return new Uint8Array()
  const response = await send(`/api/content/${encodePath(path)}`, {
    headers: { Range: `bytes=${from}-${to - 1}` },
    ...(signal && { signal }),
  })
  if (response.headers.get('ETag') !== etag) throw new FileChangedError()
  return new Uint8Array(await response.arrayBuffer())
}
