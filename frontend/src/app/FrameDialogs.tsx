import { lazy, Suspense } from 'react'
import { closeImportDialog, useImportDialogs } from '../features/import/dialogs'
import { KeysDialog } from './KeysDialog'
import { Palette } from './Palette'
import { closeFrameDialog, useFrameDialogs } from './paletteState'

const ImportReport = lazy(() =>
  import('../features/import/ImportReport').then((module) => ({ default: module.ImportReport })),
)
const ExportDialog = lazy(() =>
  import('../features/import/ExportDialog').then((module) => ({ default: module.ExportDialog })),
)

/** The dialogs that every page has. */
export function FrameDialogs() {
  const open = useFrameDialogs((state) => state.open)
  const { report, exporting } = useImportDialogs()
  return (
    <Suspense>
      {open === 'palette' && <Palette onClose={closeFrameDialog} />}
      {open === 'keys' && <KeysDialog onClose={closeFrameDialog} />}
      {report && <ImportReport imported={report} onClose={closeImportDialog} />}
      {exporting !== null && <ExportDialog path={exporting} onClose={closeImportDialog} />}
    </Suspense>
  )
}
