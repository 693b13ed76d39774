import { toast } from '../../../components/Toasts'
import type { PickedFile } from '../../../lib/dropped'
import { useUploads } from './state'

/** Uploads files into a folder; the panel of uploads shows how far they have come. */
export async function uploadInto(folder: string, files: readonly PickedFile[]): Promise<void> {
  if (files.length === 0) return
  useUploads.setState({ isPreparing: true })
  try {
    const [{ placeFiles }, { uploadQueue }] = await Promise.all([import('./clashes'), import('./queue')])
    uploadQueue.add(await placeFiles(folder, files))
  } catch (error) {
    toast.fail(error, 'The upload could not begin. ')
  } finally {
    useUploads.setState({ isPreparing: false })
  }
}
