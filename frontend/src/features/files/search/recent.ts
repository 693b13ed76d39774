import { isInside } from '../../../lib/paths'
import { remember, remembered } from '../../../lib/storage'

const key = 'recent-files'
const most = 60

/** Files that were opened in this browser lately, the latest first. */
export const recentFiles = (root: string): string[] =>
  remembered<string[]>(key, []).filter((path) => isInside(path, root))

export function noteRecent(path: string): void {
  const before = remembered<string[]>(key, [])
  if (before[0] !== path) remember(key, [path, ...before.filter((each) => each !== path)].slice(0, most))
}

export function forgetRecent(path: string): void {
  remember(
    key,
    remembered<string[]>(key, []).filter((each) => each !== path),
  )
}
