import { create } from 'zustand'
import { type ImportedFlow, importFlow } from '../../api/import'
import { type PickedFile, suggestedName } from '../../lib/dropped'

/** An import goes on while the person visits other pages, so it lives outside of them. */
interface ImportState {
  /** `reading`: walking the folder; `sending`: on its way; `unpacking`: sent, the studio writes it to disk. */
  phase: 'idle' | 'reading' | 'sending' | 'unpacking' | 'failed'
  label: string
  files: number
  sent: number
  total: number
  startedAt: number
  error: unknown
  cancel: () => void
}

const idle: ImportState = {
  phase: 'idle',
  label: '',
  files: 0,
  sent: 0,
  total: 0,
  startedAt: 0,
  error: null,
  cancel: () => {},
}

export const useImport = create<ImportState>(() => idle)

export function forgetImport(): void {
  useImport.getState().cancel()
  useImport.setState(idle)
}

/** Imports what `collect` finds as a new flow; null when it was canceled or failed, which the page then shows. */
export async function startImport(
  collect: (onFound: (count: number) => void) => Promise<PickedFile[]>,
  name: string | null = null,
): Promise<ImportedFlow | null> {
  const abort = new AbortController()
  useImport.setState({ ...idle, phase: 'reading', label: name ?? '', cancel: () => abort.abort() })
  try {
    const files = await collect((count) => useImport.setState({ files: count }))
    abort.signal.throwIfAborted()
    if (files.length === 0) throw new Error('There is no file in what was dropped.')
    const label = name ?? (suggestedName(files) || 'the files')
    useImport.setState({ phase: 'sending', label, files: files.length, startedAt: Date.now() })
    const imported = await importFlow(files, name, {
      signal: abort.signal,
      onProgress: ({ sent, total }) =>
        useImport.setState({ sent, total, phase: total > 0 && sent >= total ? 'unpacking' : 'sending' }),
    })
    useImport.setState(idle)
    return imported
  } catch (error) {
    const isCanceled = error instanceof DOMException && error.name === 'AbortError'
    useImport.setState(isCanceled ? idle : { phase: 'failed', error })
    return null
  }
}
