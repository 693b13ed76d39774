import { create } from 'zustand'
import { ApiError } from '../../api/errors'
import { createFile, fileKeys } from '../../api/files'
import { queryClient } from '../../api/queryClient'
import { toast } from '../../components/Toasts'
import type { PickedFile } from '../../lib/dropped'
import { counted } from '../../lib/format'
import { joinPath, numberedPath } from '../../lib/paths'

interface UploadState {
  done: number
  total: number
  cancel: (() => void) | null
}

export const useUploads = create<UploadState>(() => ({ done: 0, total: 0, cancel: null }))

const atOnce = 4
const mostTries = 50

async function putBeside(path: string, file: File): Promise<void> {
  for (let number = 1; ; number += 1) {
    try {
      await createFile(numberedPath(path, number), file)
      return
    } catch (error) {
      const isTaken = error instanceof ApiError && error.status === 412
      if (!isTaken || number >= mostTries) throw error
    }
  }
}

/** Puts files into a folder, a few at a time, with progress and a cancel that works. */
export async function uploadInto(folder: string, files: readonly PickedFile[]): Promise<void> {
  let isCanceled = false
  const waiting = [...files]
  const start = useUploads.getState()
  useUploads.setState({
    total: start.total + files.length,
    cancel: () => {
      isCanceled = true
    },
  })
  const failures: string[] = []
  const work = async () => {
    for (let next = waiting.shift(); next && !isCanceled; next = waiting.shift()) {
      try {
        await putBeside(joinPath(folder, next.path), next.file)
      } catch (error) {
        failures.push(error instanceof Error ? `${next.path}: ${error.message}` : next.path)
      }
      useUploads.setState(({ done }) => ({ done: done + 1 }))
    }
  }
  await Promise.all(Array.from({ length: atOnce }, work))
  useUploads.setState({ done: 0, total: 0, cancel: null })
  await queryClient.invalidateQueries({ queryKey: fileKeys.all })
  if (failures.length > 0) {
    toast.fail(new Error(failures[0]), `${counted(failures.length, 'file')} could not be uploaded. `)
  } else if (!isCanceled) toast.say(`${counted(files.length, 'file')} uploaded to ${folder}.`)
}
