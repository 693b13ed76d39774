import { baseName, isInside } from '../../lib/paths'
import type { TerminalInfo } from './terminals'

/** A terminal as a pane shows it. `id` is null until the studio has opened it. */
export interface TerminalTab {
  key: string
  id: string | null
  folder: string
}

let opened = 0

export function newTab(folder: string): TerminalTab {
  opened += 1
  return { key: `new ${opened}`, id: null, folder }
}

/** The tabs there are, with those of the studio that they do not have yet, of the pane's folder. */
export function withRunning(
  tabs: readonly TerminalTab[],
  running: readonly TerminalInfo[],
  within: string | null,
): TerminalTab[] {
  const known = new Set(tabs.map((tab) => tab.id))
  const further = running
    .filter(({ id, folder }) => !known.has(id) && (within === null || isInside(folder, within)))
    .map(({ id, folder }) => ({ key: id, id, folder }))
  return [...further, ...tabs]
}

/** The name of each tab: its folder, and a number where several have the same. */
export function tabNames(tabs: readonly TerminalTab[]): string[] {
  const counts = new Map<string, number>()
  return tabs.map(({ folder }) => {
    const name = printable(baseName(folder))
    const count = (counts.get(name) ?? 0) + 1
    counts.set(name, count)
    return count === 1 ? name : `${name} ${count}`
  })
}

/** A folder's name without characters that steer a terminal or turn the writing direction around. */
function printable(name: string): string {
  return name.replace(/[\p{Cc}\p{Cf}]/gu, '�')
}
