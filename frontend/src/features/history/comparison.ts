import type { HistoryEntry } from '../../api/history'

/** What a version is held against: the one before it, what is on disk now, or another by its id. */
export type Against = 'before' | 'now' | (string & {})

/** The two versions to ask for, the earlier first; null stands for "the one before" and "now". */
export function sidesOf(
  version: string,
  against: Against,
  entries: readonly HistoryEntry[],
): { from: string | null; to: string | null } {
  if (against === 'before') return { from: null, to: version }
  if (against === 'now') return { from: version, to: null }
  const at = (id: string) => entries.findIndex((entry) => entry.id === id)
  const isOlder = at(against) >= at(version) // The newest stands first.
  return isOlder ? { from: against, to: version } : { from: version, to: against }
}
