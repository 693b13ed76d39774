import type { GalleryEntry } from '../../api/gallery'

/** The gallery's empty flows stand in the dialog as kinds, not as examples. */
export function isBlank(entry: GalleryEntry): boolean {
  return /^blank\b/i.test(entry.title) || entry.name.startsWith('blank')
}

export function blankOf(entries: readonly GalleryEntry[], type: string): GalleryEntry | undefined {
  return entries.find((entry) => isBlank(entry) && entry.type === type)
}
