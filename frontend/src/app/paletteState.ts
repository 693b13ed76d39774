import { create } from 'zustand'

/** What of the frame's own dialogs is open. */
export const useFrameDialogs = create<{ open: 'palette' | 'keys' | null }>(() => ({ open: null }))

export const openPalette = () => useFrameDialogs.setState({ open: 'palette' })
export const openKeys = () => useFrameDialogs.setState({ open: 'keys' })
export const closeFrameDialog = () => useFrameDialogs.setState({ open: null })
