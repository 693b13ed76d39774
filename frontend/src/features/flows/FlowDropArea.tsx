import { IconUpload } from '@tabler/icons-react'
import { type DragEvent, type ReactNode, useRef, useState } from 'react'
import styles from './FlowDropArea.module.css'

interface FlowDropAreaProps {
  onFiles: (transfer: DataTransfer) => void
  children: ReactNode
}

const hasFiles = (event: DragEvent) => event.dataTransfer.types.includes('Files')

/** The whole page takes a dropped folder or zip. */
export function FlowDropArea({ onFiles, children }: FlowDropAreaProps) {
  const [isOver, setOver] = useState(false)
  const depth = useRef(0) // Every child entered and left counts, so the last leave is the true one.
  return (
    // biome-ignore lint/a11y/noStaticElementInteractions: dropping has its keyboard way in “Upload a folder or zip”.
    <div
      className={styles.area}
      onDragEnter={(event) => {
        if (!hasFiles(event)) return
        depth.current += 1
        setOver(true)
      }}
      onDragOver={(event) => {
        if (!hasFiles(event)) return
        event.preventDefault()
        event.dataTransfer.dropEffect = 'copy'
      }}
      onDragLeave={(event) => {
        if (!hasFiles(event)) return
        depth.current -= 1
        if (depth.current <= 0) setOver(false)
      }}
      onDrop={(event) => {
        depth.current = 0
        setOver(false)
        if (!hasFiles(event)) return
        event.preventDefault()
        onFiles(event.dataTransfer)
      }}
    >
      {children}
      {isOver && (
        <div className={styles.over}>
          <IconUpload size={20} stroke={1.5} aria-hidden />
          Drop to import as a new flow of yours
        </div>
      )}
    </div>
  )
}
