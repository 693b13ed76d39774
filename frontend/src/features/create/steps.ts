import type { GitProgress, UploadProgress } from '../../api/import'
import { formatBytes, formatCount } from '../../lib/format'

/** How far an import is. Without `total` nobody knows how much there is. */
export interface ImportStep {
  sentence: string
  done: number
  total: number
}

export function stepOfUpload({ sent, total }: UploadProgress): ImportStep {
  if (total > 0 && sent >= total) return { sentence: 'Writing to your share…', done: 0, total: 0 }
  return { sentence: `Sending ${formatBytes(sent)} of ${formatBytes(total)}`, done: sent, total }
}

export function stepOfRepository({ phase, done, total }: GitProgress): ImportStep {
  if (phase === 'connecting') return { sentence: 'Asking for the repository…', done: 0, total: 0 }
  const parts = total > 0 ? `${formatCount(done)} of ${formatCount(total)}` : formatCount(done)
  if (phase === 'writing') return { sentence: `Writing ${parts} files`, done, total }
  return { sentence: `Receiving ${parts} objects`, done, total }
}
