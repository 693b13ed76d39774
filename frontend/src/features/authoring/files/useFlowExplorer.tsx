import { IconArrowRight } from '@tabler/icons-react'
import { useSuspenseQuery } from '@tanstack/react-query'
import { useNavigate } from '@tanstack/react-router'
import { useMemo } from 'react'
import { useStore } from 'zustand'
import { sessionQuery } from '../../../api/session'
import type { MenuEntry } from '../../../components/Menu'
import { explorerMenu } from '../../files/explorerMenu'
import { type Explorer, useExplorer } from '../../files/useExplorer'
import type { Folders } from '../../files/useOpenFolders'
import { useHistoryEntry } from '../../history/historyEntry'
import { useTerminalEntry } from '../../terminal/terminalEntry'
import { useAuthoring, useModel } from '../state/context'
import { jumpTo, moveTabs, openTab, selectCard } from '../state/pageStore'

const look = { size: 16, stroke: 1.5, 'aria-hidden': true } as const

/** Why an entry of the flow keeps its name and place, or null. */
export function useFixedReason(): (path: string) => string | null {
  const { session, readOnly } = useAuthoring()
  const flowFile = useStore(session.opened, (opened) => opened.flowFile)
  return (path) => readOnly ?? (path === `${session.path}/${flowFile}` ? 'The flow is in it.' : null)
}

/** Changes of the flow's files, and what follows from them for its tabs. */
export function useFlowExplorer(folders: Folders): Explorer {
  const { session, page, readOnly } = useAuthoring()
  const fixed = useFixedReason()
  const nameOf = (path: string) => path.slice(session.path.length + 1)
  const isHere = (path: string) => path.startsWith(`${session.path}/`)
  return useExplorer({
    folders,
    fixedReason: (entry) => fixed(entry.path),
    rootReason: readOnly,
    before: () => session.flush(),
    onMoved: (from, to) => moveTabs(page, nameOf(from), isHere(to) ? nameOf(to) : null),
    onRemoved: (path) => moveTabs(page, nameOf(path), null),
    onMade: (path, kind) => kind === 'file' && openTab(page, nameOf(path)),
  })
}

type Cards = ReadonlyMap<string, string>

/** The node in whose card each file is. */
export function useCards(): Cards {
  const model = useModel()
  return useMemo(() => {
    const entries = model.nodes.flatMap((node) =>
      [node.body, ...node.variants.map((variant) => variant.body)].map((body) => [body.sourcePath, node.name] as const),
    )
    return new Map(entries.reverse())
  }, [model])
}

/** Opens a file where it is edited: in its node's card, or a tab; with a line, there. Folders open and fold. */
export function useOpenFile(folders: Folders, explorer: Explorer, cards: Cards) {
  const { session, page } = useAuthoring()
  const isRaw = useStore(page, (state) => state.isRaw)
  return (path: string, line?: number, column?: number) => {
    const row = explorer.rowOf(path)
    const name = path.slice(session.path.length + 1)
    if (row?.isFolder) folders.setOpen(path, !row.isOpen)
    else if (line !== undefined) jumpTo(page, name, line, column)
    else {
      const card = cards.get(name)
      if (!isRaw && card !== undefined) selectCard(page, card)
      else openTab(page, name)
    }
  }
}

interface FlowMenuOf {
  explorer: Explorer
  cards: Cards
  open: (path: string) => void
  upload: (folder: string, asFolder: boolean) => void
  searchIn: (folder: string) => void
}

/** What can be done with a file or folder of the flow. */
export function useFlowMenu({ cards, ...of }: FlowMenuOf): (id: string) => MenuEntry[] {
  const { session, page, readOnly } = useAuthoring()
  const { data: signedIn } = useSuspenseQuery(sessionQuery)
  const fixedReason = useFixedReason()
  const navigate = useNavigate()
  const history = useHistoryEntry()
  const terminal = useTerminalEntry()
  const nameOf = (path: string) => path.slice(session.path.length + 1)

  function further(path: string): MenuEntry[] {
    const card = cards.get(nameOf(path))
    return [
      !of.explorer.rowOf(path)?.isFolder && {
        label: 'Open in a tab',
        icon: <IconArrowRight {...look} />,
        onSelect: () => openTab(page, nameOf(path)),
      },
      card !== undefined && {
        label: `Show node ${card}`,
        icon: <IconArrowRight {...look} />,
        onSelect: () => selectCard(page, card),
      },
      history(path),
      terminal(path, of.explorer.rowOf(path)?.isFolder ?? false),
    ]
  }

  return (id) =>
    explorerMenu(
      {
        ...of,
        me: signedIn?.username ?? '',
        home: signedIn?.studio.share_root ?? '',
        fixedReason,
        readOnlyReason: () => readOnly,
        show: (path) => void navigate({ to: '/files/$', params: { _splat: path } }),
        further,
      },
      id,
    )
}
