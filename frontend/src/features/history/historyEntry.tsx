import { IconHistory } from '@tabler/icons-react'
import { useNavigate } from '@tanstack/react-router'
import type { MenuEntry } from '../../components/Menu'

/** The entry of a file's or folder's menu that leads to its history. */
export function useHistoryEntry(): (path: string) => MenuEntry {
  const navigate = useNavigate()
  return (path) => ({
    label: 'History',
    icon: <IconHistory size={16} stroke={1.5} aria-hidden />,
    onSelect: () => void navigate({ to: '/history/$', params: { _splat: path } }),
  })
}
