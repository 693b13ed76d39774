import type { ITheme } from '@xterm/xterm'
import type { Theme } from '../../lib/theme'

/** The sixteen colors of programs, from the page's own tokens, so that they can be read in every theme. */
const tokens = {
  background: 'bg-surface',
  foreground: 'text',
  cursor: 'accent-solid',
  cursorAccent: 'bg-surface',
  selectionBackground: 'accent-border',
  scrollbarSliderBackground: 'neutral-7',
  scrollbarSliderHoverBackground: 'neutral-8',
  scrollbarSliderActiveBackground: 'neutral-9',
  black: 'neutral-12',
  red: 'danger-text',
  green: 'success-text',
  yellow: 'warning-text',
  blue: 'accent-text',
  magenta: 'kind-prompt-text',
  cyan: 'kind-tool-text',
  white: 'neutral-8',
  brightBlack: 'text-2',
  brightRed: 'danger-solid',
  brightGreen: 'success-solid',
  brightYellow: 'warning-solid',
  brightBlue: 'accent-solid',
  brightMagenta: 'kind-llm-text',
  brightCyan: 'info-solid',
  brightWhite: 'neutral-1',
} as const satisfies Partial<Record<keyof ITheme, string>>

/** In the dark the scale runs the other way. */
const inTheDark = { black: 'neutral-1', white: 'neutral-11', brightWhite: 'neutral-12' } as const

export function terminalColors(theme: Theme): ITheme {
  const styles = getComputedStyle(document.documentElement)
  const isDark = styles.colorScheme.includes('dark')
  const names = isDark ? { ...tokens, ...inTheDark } : tokens
  const colors: Record<string, string> = {}
  for (const [name, token] of Object.entries(names)) colors[name] = styles.getPropertyValue(`--${token}`).trim()
  if (theme === 'contrast') colors.cursor = colors.foreground ?? ''
  return colors
}

/** How far text is moved away from its background where a program chose too little. */
export function leastContrast(theme: Theme): number {
  return theme === 'contrast' ? 7 : 4.5
}
