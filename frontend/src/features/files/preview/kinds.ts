import { endingOf } from '../FileIcon'

/** How a file is shown. What is not known is text until its bytes say otherwise. */
export type FileKind = 'image' | 'pdf' | 'table' | 'markdown' | 'notebook' | 'text'

const kinds: Record<string, FileKind> = {
  png: 'image',
  jpg: 'image',
  jpeg: 'image',
  gif: 'image',
  webp: 'image',
  avif: 'image',
  bmp: 'image',
  ico: 'image',
  svg: 'image',
  pdf: 'pdf',
  jsonl: 'table',
  csv: 'table',
  tsv: 'table',
  md: 'markdown',
  markdown: 'markdown',
  ipynb: 'notebook',
}

export const fileKind = (name: string): FileKind => kinds[endingOf(name)] ?? 'text'

/** Longer texts are not opened in an editor by themselves. */
export const longestText = 5_000_000

const largest: Partial<Record<FileKind, number>> = { image: 50_000_000, pdf: 100_000_000 }

/** Whether a file is shown from its bytes, without an editor behind it. */
export function isShownAsBytes(name: string, size: number): boolean {
  const kind = fileKind(name)
  return kind === 'pdf' || (kind === 'image' && endingOf(name) !== 'svg') || size > longestText
}

/** What the bytes of a file become, if it is not too large for that. */
export function bytesKind(name: string, size: number): 'image' | 'pdf' | 'table' | 'raw' {
  const kind = fileKind(name)
  if (kind === 'table') return 'table'
  if (kind !== 'image' && kind !== 'pdf') return 'raw'
  return size <= (largest[kind] ?? 0) ? kind : 'raw'
}
