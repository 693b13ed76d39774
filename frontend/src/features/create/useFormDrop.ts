import { type DragEvent, useState } from 'react'
import { droppedEntries, type PickedFile, walkEntries } from '../../lib/dropped'

/** Lets a form take dropped files for itself: the page behind it hears nothing of them. */
export function useFormDrop(onFiles: (files: PickedFile[]) => void) {
  const [isOver, setOver] = useState(false)
  const handlers = {
    onDragEnter: (event: DragEvent) => event.stopPropagation(),
    onDragLeave: (event: DragEvent) => {
      event.stopPropagation()
      setOver(false)
    },
    onDragOver: (event: DragEvent) => {
      event.preventDefault()
      event.stopPropagation()
      setOver(true)
    },
    onDrop: async (event: DragEvent) => {
      event.preventDefault()
      event.stopPropagation()
      setOver(false)
      const files = await walkEntries(droppedEntries(event.dataTransfer))
      if (files.length > 0) onFiles(files)
    },
  }
  return { isOver, handlers }
}
