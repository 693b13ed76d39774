// Runs before the first paint, so that a dark page never flashes white. `src/lib/theme.ts` owns the setting.
;(() => {
  let chosen = 'system'
  try {
    chosen = localStorage.getItem('pfstudio:theme') || chosen
  } catch {}
  const prefers = (query) => matchMedia(query).matches
  const system = prefers('(prefers-contrast: more)')
    ? 'contrast'
    : prefers('(prefers-color-scheme: dark)')
      ? 'dark'
      : 'light'
  document.documentElement.dataset.theme = chosen === 'system' ? system : chosen
})()
