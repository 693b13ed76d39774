import { exportAddress } from '../../api/flows'
import { toast } from '../../components/Toasts'
import { download } from '../../lib/download'
import { baseName } from '../../lib/paths'
import { askExport } from './dialogs'

/** Downloads a folder as a zip, and says what is not in it. */
export function exportFolder(path: string): void {
  download(exportAddress(path))
  toast.offer(`${baseName(path)}.zip is on its way, without .git, .promptflow and caches.`, 'Options', () =>
    askExport(path),
  )
}
