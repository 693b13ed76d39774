import { exportAddress } from '../../api/flows'
import { download } from '../../lib/download'
import { useAuthoring } from './state/context'

/** Downloads the flow's folder as a zip, with what was typed a moment ago. */
export function useExport(): () => Promise<void> {
  const { session } = useAuthoring()
  return async () => {
    await session.flush()
    download(exportAddress(session.path))
  }
}
