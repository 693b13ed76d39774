import type { HistoryEntry } from '../../api/history'
import { counted, formatAbsolute } from '../../lib/format'
import { baseName, isInside } from '../../lib/paths'

const kinds: Record<HistoryEntry['kind'], string> = {
  save: 'Saved',
  'outside change': 'Changed outside the studio',
  run: 'Run',
  deployment: 'Deployed',
  restore: 'Restored',
  import: 'Imported',
  'lost save': 'Not saved, kept here',
  git: 'By git',
}

/** What happened, in a word or two. */
export const kindOf = (entry: HistoryEntry): string => kinds[entry.kind]

/** Who did it; what came from outside has no author the studio knows. */
export const authorOf = (entry: HistoryEntry): string => entry.author ?? 'Outside change'

/** The files it changed, named as below `place`: the first, and how many more. Where `place` is one, only the others count. */
export function pathsOf(entry: HistoryEntry, place: string): string {
  const [first] = entry.paths
  if (first === undefined || (entry.path_count === 1 && first === place)) return ''
  if (entry.paths.includes(place)) return `with ${entry.path_count - 1} more`
  const name = shortName(first, place)
  return entry.path_count > 1 ? `${name} and ${entry.path_count - 1} more` : name
}

export function shortName(path: string, place: string): string {
  if (path === place) return baseName(path)
  return isInside(path, place) && place !== '' ? path.slice(place.length + 1) : path
}

/** An entry in a list of choices. */
export function optionOf(entry: HistoryEntry): string {
  return `${formatAbsolute(new Date(entry.at))} · ${authorOf(entry)} · ${kindOf(entry)}`
}

/** "3 files changed" for a head. */
export const changedFiles = (count: number, isAll: boolean): string =>
  count === 0
    ? 'No file differs'
    : `${counted(count, 'file')}${isAll ? '' : ' and more'} differ${count === 1 ? 's' : ''}`
