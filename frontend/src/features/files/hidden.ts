import { create } from 'zustand'
import type { FileEntry } from '../../api/files'
import { remember, remembered } from '../../lib/storage'

const generated = new Set(['__pycache__', 'node_modules', 'venv', 'site-packages', 'Thumbs.db', '__MACOSX'])

/** Dotfiles, and what programs make for themselves. */
export function isHidden({ name }: Pick<FileEntry, 'name'>): boolean {
  return name.startsWith('.') || generated.has(name) || /\.(pyc|pyo|swp)$|~$/.test(name)
}

/** Whether hidden and generated files are shown; this browser remembers it for all trees and lists of files. */
export const useShowsHidden = create<{ shows: boolean }>(() => ({ shows: remembered('shows-hidden-files', true) }))

export function toggleHidden(): void {
  const shows = !useShowsHidden.getState().shows
  useShowsHidden.setState({ shows })
  remember('shows-hidden-files', shows)
}
