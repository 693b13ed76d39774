import { KeysDialog } from './KeysDialog'
import { Palette } from './Palette'
import { closeFrameDialog, useFrameDialogs } from './paletteState'

/** The dialogs that every page has. */
export function FrameDialogs() {
  const open = useFrameDialogs((state) => state.open)
  if (open === 'palette') return <Palette onClose={closeFrameDialog} />
  if (open === 'keys') return <KeysDialog onClose={closeFrameDialog} />
  return null
}
