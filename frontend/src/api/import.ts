import { address } from '../lib/base'
import type { PickedFile } from '../lib/dropped'
import { ownHeaders } from './client'
import { errorFromText } from './errors'
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
