import { type DragEvent, useEffect, useRef, useState } from 'react'
import { carriesFiles, type TreeActs } from './treeTypes'

const opensAfter = 700

/** A place that takes what is dragged; `hover` is called when the drag rests on it. */
export function useDropPlace(id: string | null, { onDrop }: Pick<TreeActs, 'onDrop'>, hover?: () => void) {
  const [isOver, setOver] = useState(false)
  const resting = useRef<ReturnType<typeof setTimeout> | undefined>(undefined)
  useEffect(() => () => clearTimeout(resting.current), [])

  function leave() {
    clearTimeout(resting.current)
    resting.current = undefined
    setOver(false)
  }

  const handlers = onDrop && {
    onDragOver: (event: DragEvent) => {
      if (!carriesFiles(event.dataTransfer)) return
      event.preventDefault()
      event.stopPropagation()
      event.dataTransfer.dropEffect = event.ctrlKey || event.altKey ? 'copy' : dropEffect(event)
      setOver(true)
      if (hover) resting.current ??= setTimeout(hover, opensAfter)
    },
    onDragLeave: leave,
    onDrop: (event: DragEvent) => {
      if (!carriesFiles(event.dataTransfer)) return
      event.preventDefault()
      event.stopPropagation()
      leave()
      onDrop(id, event)
    },
  }
  return { isOver, handlers }
}

/** Files from outside are copied, rows are moved. */
function dropEffect(event: DragEvent): 'copy' | 'move' {
  return event.dataTransfer.types.includes('Files') ? 'copy' : 'move'
}
