import { address } from '../lib/base'
import type { PickedFile } from '../lib/dropped'
import { ownHeaders, send } from './client'
import { ApiError, errorFromText, type Problem } from './errors'
import { forgetFlows } from './flows'
import type { components } from './schema'
import { signedOut } from './signedIn'

export type ImportedFlow = components['schemas']['ImportedFlow']

export interface UploadProgress {
  sent: number
  total: number
}

/** Makes a flow of the files. `XMLHttpRequest`, because `fetch` cannot tell how much has been sent. */
export function importFlow(
  files: readonly PickedFile[],
  name: string | null,
  options: { onProgress?: (progress: UploadProgress) => void; signal?: AbortSignal } = {},
): Promise<ImportedFlow> {
  const form = new FormData()
  if (name) form.append('name', name)
  for (const { path, file } of files) form.append('files', file, path)
  return new Promise<ImportedFlow>((resolve, reject) => {
    const request = new XMLHttpRequest()
    request.open('POST', address('/api/import'))
    request.setRequestHeader('Accept', 'application/json')
    for (const [header, value] of Object.entries(ownHeaders('POST'))) request.setRequestHeader(header, value)
    request.upload.onprogress = ({ loaded, total }) => options.onProgress?.({ sent: loaded, total })
    request.onerror = () => reject(new TypeError('The connection was lost.'))
    request.onabort = () => reject(new DOMException('The import was canceled.', 'AbortError'))
    request.onload = () => {
      if (request.status >= 200 && request.status < 300) {
        resolve(JSON.parse(request.responseText) as ImportedFlow)
        return
      }
      if (request.status === 401) signedOut()
      reject(errorFromText(request.status, request.statusText, request.responseText))
    }
    options.signal?.addEventListener('abort', () => request.abort())
    request.send(form)
  }).finally(forgetFlows)
}

export type GitSource = components['schemas']['GitImportStart']

export interface GitProgress {
  phase: 'connecting' | 'receiving' | 'writing'
  done: number
  /** 0 while nobody knows. */
  total: number
}

/** Makes a flow of a repository elsewhere. Ending it by `signal` cancels the import; nothing is left of it then. */
export async function importRepository(
  source: GitSource,
  options: { onProgress: (progress: GitProgress) => void; signal: AbortSignal },
): Promise<ImportedFlow> {
  const response = await send('/api/import-git', {
    method: 'POST',
    body: JSON.stringify(source),
    headers: { 'Content-Type': 'application/json', Accept: 'text/event-stream' },
    signal: options.signal,
  })
  for await (const { event, data } of eventsOf(response)) {
    if (event === 'progress') options.onProgress(data as GitProgress)
    if (event === 'failed') throw new ApiError(data as Problem)
    if (event === 'finished') {
      await forgetFlows()
      return data as ImportedFlow
    }
  }
  throw new TypeError('The connection was lost.')
}

async function* eventsOf(response: Response): AsyncGenerator<{ event: string; data: unknown }> {
  const reader = response.body?.pipeThrough(new TextDecoderStream()).getReader()
  let waiting = ''
  for (let piece = await reader?.read(); piece && !piece.done; piece = await reader?.read()) {
    waiting += piece.value
    const texts = waiting.split('\n\n')
    waiting = texts.pop() ?? ''
    for (const text of texts) {
      const event = /^event: (.*)$/m.exec(text)?.[1]
      const data = /^data: (.*)$/m.exec(text)?.[1]
      if (event && data) yield { event, data: JSON.parse(data) }
    }
  }
}
