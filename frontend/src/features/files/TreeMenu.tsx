import { IconDots } from '@tabler/icons-react'
import { IconButton } from '../../components/Button'
import { Menu, type MenuEntry } from '../../components/Menu'
import { toggleHidden, useShowsHidden } from './hidden'

interface TreeMenuProps {
  onFold: () => void
  /** What a page offers besides. */
  further?: MenuEntry[]
}

/** How a tree of files is shown. */
export function TreeMenu({ onFold, further = [] }: TreeMenuProps) {
  const shows = useShowsHidden((state) => state.shows)
  return (
    <Menu
      position="bottom-end"
      entries={[
        ...further,
        { label: 'Show hidden and generated files', checked: shows, onSelect: toggleHidden },
        { label: 'Fold all folders', onSelect: onFold },
      ]}
    >
      <IconButton size="small" label="View" icon={<IconDots size={16} stroke={1.5} aria-hidden />} />
    </Menu>
  )
}
