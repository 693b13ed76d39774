import { restoreVersion } from '../../api/history'
import { toast } from '../../components/Toasts'
import { formatAbsolute } from '../../lib/format'
import { baseName } from '../../lib/paths'

/** Makes a file, folder or flow what it was, and offers to undo that. */
export async function restoreWithUndo(path: string, version: { id: string; at?: string | undefined }): Promise<void> {
  const name = baseName(path)
  try {
    const { undo, left_out } = await restoreVersion(path, version.id)
    const without = left_out.length > 0 ? ' Files of git stay as they are.' : ''
    if (undo === null) {
      toast.say(`${name} is like this already.${without}`)
      return
    }
    const then = version.at ? ` as it was at ${formatAbsolute(new Date(version.at))}` : ''
    toast.undo(`Restored ${name}${then}.${without}`, async () => {
      await restoreVersion(path, undo)
      toast.say(`${name} is back as it was before.`)
    })
  } catch (error) {
    toast.fail(error, `${name} was not restored. `)
  }
}
