import { useNavigate } from '@tanstack/react-router'
import { useMemo } from 'react'
import { type ThemeChoice, themeNames, useTheme } from '../lib/theme'
import { type Command, useCommands } from './commands'
import { openKeys, openPalette } from './paletteState'
import { places } from './places'

/** What can be done on every page. */
export function useFrameCommands(): void {
  const navigate = useNavigate()
  const choose = useTheme((state) => state.choose)
  const commands = useMemo((): Command[] => {
    const goTo = places.map(({ to, label }) => ({
      id: to,
      group: 'Go to',
      label,
      run: () => void navigate({ to }),
    }))
    const themes = (Object.keys(themeNames) as ThemeChoice[]).map((name) => ({
      id: `theme ${name}`,
      group: 'Theme',
      label: `${themeNames[name]} theme`,
      run: () => choose(name),
    }))
    return [
      { id: 'palette', group: 'Anywhere', label: 'Search or go to', keys: 'Ctrl+K', run: openPalette },
      { id: 'keys', group: 'Anywhere', label: 'List the keys', keys: '?', run: openKeys },
      ...goTo,
      { id: 'terminals', group: 'Go to', label: 'Terminals', run: () => void navigate({ to: '/terminals' }) },
      { id: 'space', group: 'Go to', label: 'Space', run: () => void navigate({ to: '/space' }) },
      { id: 'account', group: 'Go to', label: 'Account', run: () => void navigate({ to: '/settings/account' }) },
      { id: 'people', group: 'Go to', label: 'People', run: () => void navigate({ to: '/settings/people' }) },
      { id: 'settings', group: 'Go to', label: 'Settings', run: () => void navigate({ to: '/settings' }) },
      ...themes,
    ]
  }, [navigate, choose])
  useCommands(commands)
}
