import { create } from 'zustand'

export const themeNames = { system: 'System', light: 'Light', dark: 'Dark', contrast: 'High contrast' } as const
export type ThemeChoice = keyof typeof themeNames
export type Theme = Exclude<ThemeChoice, 'system'>

const key = 'pfstudio:theme' // A bare word, not JSON: `public/theme.js` reads it before the first paint.
const darkQuery = matchMedia('(prefers-color-scheme: dark)')
const contrastQuery = matchMedia('(prefers-contrast: more)')

function storedChoice(): ThemeChoice {
  try {
    const stored = localStorage.getItem(key)
    return stored !== null && stored in themeNames ? (stored as ThemeChoice) : 'system'
  } catch {
    return 'system'
  }
}

function resolve(choice: ThemeChoice): Theme {
  if (choice !== 'system') return choice
  if (contrastQuery.matches) return 'contrast'
  return darkQuery.matches ? 'dark' : 'light'
}

interface ThemeState {
  choice: ThemeChoice
  theme: Theme
  choose: (choice: ThemeChoice) => void
}

export const useTheme = create<ThemeState>((set) => ({
  choice: storedChoice(),
  theme: resolve(storedChoice()),
  choose: (choice) => {
    try {
      localStorage.setItem(key, choice)
    } catch {
      // Without storage the choice lasts until the page is closed.
    }
    set({ choice, theme: resolve(choice) })
  },
}))

useTheme.subscribe(({ theme }) => {
  document.documentElement.dataset.theme = theme
})

const followSystem = () => useTheme.setState(({ choice }) => ({ theme: resolve(choice) }))
darkQuery.addEventListener('change', followSystem)
contrastQuery.addEventListener('change', followSystem)
