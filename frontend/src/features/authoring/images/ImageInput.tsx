import { ApiError } from '../../../api/errors'
import { createFile } from '../../../api/files'
import { joinPath, numberedPath } from '../../../lib/paths'
import type { FlowInput } from '../../../yaml/flow'
import { setInput } from '../../../yaml/flowEdits'
import { useAuthoring, useFlowInfo } from '../state/context'
import { ImageField } from './ImageField'
import type { FoundImage } from './images'

/** The image that test runs of a flow are given. A chosen file is put into the flow's folder, as the flow names it. */
export function ImageInput({ input: { name, default: value } }: { input: FlowInput }) {
  const { session, readOnly } = useAuthoring()
  const format = useFlowInfo()?.message_format ?? 'basic'
  const keep = async (file: File): Promise<FoundImage> => {
    const path = await keepFile(session.path, file)
    session.readSoon()
    return { kind: 'path', type: file.type || 'image/*', where: path }
  }
  return (
    <ImageField
      label={`Value of input ${name}`}
      value={value}
      format={format}
      quiet
      readOnly={Boolean(readOnly)}
      take={keep}
      onChange={(next) => session.apply(setInput(name, 'default', next))}
    />
  )
}

/** Puts the file beside the flow, under a name that is free there; the name. */
async function keepFile(folder: string, file: File): Promise<string> {
  for (let number = 1; ; number += 1) {
    const name = numberedPath(file.name, number)
    try {
      await createFile(joinPath(folder, name), file)
      return name
    } catch (error) {
      const isTaken = error instanceof ApiError && (error.status === 409 || error.status === 412)
      if (!isTaken || number > 99) throw error
    }
  }
}
