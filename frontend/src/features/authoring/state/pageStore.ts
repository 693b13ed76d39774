import { createStore, type StoreApi } from 'zustand/vanilla'

export type DrawerTab = 'outputs' | 'trace' | 'logs' | 'problems' | 'terminal'

/** A place in a file that is to be shown; `at` tells two requests for the same place apart. */
export interface Jump {
  file: string
  line: number
  column: number
  at: number
}

export interface PageState {
  /** The selected node, or `inputs` or `outputs`. */
  selected: string | null
  /** Grows when the selected card has to come into sight. */
  scrolls: number
  /** The last of these that has been followed. */
  revealed: number
  /** Grows when the selected node has to come into sight in the graph. */
  locates: number
  isRaw: boolean
  tabs: string[]
  tab: string
  drawer: DrawerTab
  isDrawerFolded: boolean
  isSideFolded: boolean
  isChatOpen: boolean
  collapsed: ReadonlySet<string>
  jump: Jump | null
}

export type PageStore = StoreApi<PageState>

export function createPageStore(
  start: Pick<PageState, 'isDrawerFolded' | 'isSideFolded'>,
  flowFile: string,
): PageStore {
  return createStore<PageState>(() => ({
    selected: null,
    scrolls: 0,
    revealed: 0,
    locates: 0,
    isRaw: false,
    tabs: [flowFile],
    tab: flowFile,
    drawer: 'outputs',
    isChatOpen: false,
    collapsed: new Set(),
    jump: null,
    ...start,
  }))
}

/** Show a card, unfolded. */
export function selectCard(page: PageStore, name: string): void {
  page.setState(({ scrolls, collapsed }) => ({
    selected: name,
    scrolls: scrolls + 1,
    isRaw: false,
    collapsed: new Set([...collapsed].filter((each) => each !== name)),
  }))
}

export function openTab(page: PageStore, file: string): void {
  page.setState(({ tabs }) => ({ isRaw: true, tab: file, tabs: tabs.includes(file) ? tabs : [...tabs, file] }))
}

export function closeTab(page: PageStore, file: string): void {
  page.setState(({ tabs, tab }) => {
    const left = tabs.filter((each) => each !== file)
    const next = tab === file ? (left[Math.max(0, tabs.indexOf(file) - 1)] ?? '') : tab
    return { tabs: left, tab: next, isRaw: left.length > 0 }
  })
}

/** Files were renamed or deleted: their tabs follow. */
export function moveTabs(page: PageStore, from: string, to: string | null): void {
  page.setState(({ tabs, tab }) => {
    const moved = (name: string) => {
      if (name !== from && !name.startsWith(`${from}/`)) return name
      return to === null ? null : to + name.slice(from.length)
    }
    const left = tabs.map(moved).filter((name) => name !== null)
    return { tabs: left, tab: moved(tab) ?? left[0] ?? '' }
  })
}

let jumps = 0

/** Show a line of a file: in its card where a card shows it, else in a tab. */
export function jumpTo(page: PageStore, file: string, line: number, column = 1, card: string | null = null): void {
  jumps += 1
  const jump = { file, line, column, at: jumps }
  if (card !== null) selectCard(page, card)
  else openTab(page, file)
  page.setState({ jump })
}
