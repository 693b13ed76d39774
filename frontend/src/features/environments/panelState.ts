import { createStore } from 'zustand/vanilla'

/** The flow whose environment is shown in its dialog, or null. */
export const shownEnvironment = createStore<{ path: string | null }>(() => ({ path: null }))

export function showEnvironment(path: string): void {
  shownEnvironment.setState({ path })
}
