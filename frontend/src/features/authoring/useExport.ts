import { contentAddress } from '../../api/files'
import { exportAddress } from '../../api/flows'
import { download } from '../../lib/download'
import { useAuthoring } from './state/context'

/** Downloads the flow's folder as a zip, or a prompty itself, with what was typed a moment ago. */
export function useExport(): () => Promise<void> {
  const { session } = useAuthoring()
  return async () => {
    await session.flush()
    const isFile = session.address !== session.path
    download(isFile ? contentAddress(session.address) : exportAddress(session.path))
  }
}
