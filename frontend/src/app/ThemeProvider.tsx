import { createTheme, type MantineColorsTuple, MantineProvider } from '@mantine/core'
import type { ReactNode } from 'react'
import { cspNonce } from '../lib/base'
import { useTheme } from '../lib/theme'

const accent = Array.from({ length: 10 }, () => 'var(--accent-solid)') as unknown as MantineColorsTuple

const theme = createTheme({
  fontFamily: 'var(--font-sans)',
  fontFamilyMonospace: 'var(--font-mono)',
  primaryColor: 'accent',
  colors: { accent },
  defaultRadius: 'var(--radius)',
  respectReducedMotion: true,
})

const variables = {
  '--mantine-color-body': 'var(--bg-surface)',
  '--mantine-color-text': 'var(--text)',
  '--mantine-color-dimmed': 'var(--text-2)',
  '--mantine-color-default-border': 'var(--border-strong)',
  '--mantine-color-error': 'var(--danger-text)',
}

const resolver = () => ({ variables, light: variables, dark: variables })

/** Mantine under our tokens: it brings behavior, the look is ours. */
export function ThemeProvider({ children }: { children: ReactNode }) {
  const shown = useTheme((state) => state.theme)
  return (
    <MantineProvider
      theme={theme}
      forceColorScheme={shown === 'light' ? 'light' : 'dark'}
      cssVariablesResolver={resolver}
      getStyleNonce={() => cspNonce}
      withGlobalClasses={false}
    >
      {children}
    </MantineProvider>
  )
}
