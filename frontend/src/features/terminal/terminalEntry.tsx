import { IconTerminal2 } from '@tabler/icons-react'
import { useSuspenseQuery } from '@tanstack/react-query'
import { useNavigate } from '@tanstack/react-router'
import { sessionQuery } from '../../api/session'
import type { MenuEntry } from '../../components/Menu'
import { ownerOf, parentPath } from '../../lib/paths'

/** The menu entry that opens a terminal in a folder, or beside a file. */
export function useTerminalEntry(): (path: string, isFolder: boolean) => MenuEntry {
  const { data: session } = useSuspenseQuery(sessionQuery)
  const navigate = useNavigate()
  const me = session?.username
  return (path, isFolder) => ({
    label: 'Open terminal here',
    icon: <IconTerminal2 size={16} stroke={1.5} aria-hidden />,
    disabledReason:
      session?.role === 'viewer'
        ? 'Viewers have no terminals'
        : ownerOf(path) === me
          ? null
          : 'Terminals open in your own folder',
    onSelect: () => void navigate({ to: '/terminals', search: { folder: isFolder ? path : parentPath(path) } }),
  })
}
