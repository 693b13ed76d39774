import { contentAddress } from '../../api/files'
import { download } from '../../lib/download'
import { exportFolder } from '../import/exportFolder'
import { useAuthoring } from './state/context'

/** Downloads the flow's folder as a zip, or a prompty itself, with what was typed a moment ago. */
export function useExport(): () => Promise<void> {
  const { session } = useAuthoring()
  return async () => {
    await session.flush()
    const isFile = session.address !== session.path
    if (isFile) download(contentAddress(session.address))
    else exportFolder(session.path)
  }
}
