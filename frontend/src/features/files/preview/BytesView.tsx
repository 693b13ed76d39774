import { useEffect, useState } from 'react'
import { send } from '../../../api/client'
import type { FileEntry } from '../../../api/files'
import { ErrorMessage } from '../../../components/Note'
import { encodePath } from '../../../lib/paths'
import { endingOf } from '../FileIcon'
import { kindOfBytes } from './bytes'
import { bytesKind } from './kinds'
import { LargeTable } from './LargeTable'
import styles from './preview.module.css'
import { RawView } from './RawView'

interface BytesViewProps {
  entry: FileEntry
  onForce?: () => void
}

/** A file that no editor is open for: a picture, a document, a large table, or its first bytes. */
export function BytesView({ entry, onForce }: BytesViewProps) {
  const kind = bytesKind(entry.name, entry.size ?? 0)
  const key = `${entry.path} ${entry.etag}`
  if (kind === 'image') return <ImageView key={key} entry={entry} />
  if (kind === 'pdf') return <PdfView key={key} entry={entry} />
  if (kind === 'table') return <LargeTable key={key} entry={entry} />
  return <RawView key={key} entry={entry} {...(onForce && { onForce })} />
}

/** The address of a file's bytes in this page, under a type that the page decides. */
function useBlob({ path }: FileEntry, typeOf: (bytes: Uint8Array) => string | null) {
  const [shown, setShown] = useState<{ address: string | null; error: unknown }>({ address: null, error: null })
  const [isRefused, setRefused] = useState(false)
  // biome-ignore lint/correctness/useExhaustiveDependencies: the view is made anew for another file.
  useEffect(() => {
    let made: string | null = null
    const abort = new AbortController()
    send(`/api/content/${encodePath(path)}`, { signal: abort.signal })
      .then(async (response) => {
        const bytes = new Uint8Array(await response.arrayBuffer())
        const type = typeOf(bytes)
        if (type === null) {
          setRefused(true)
          return
        }
        made = URL.createObjectURL(new Blob([bytes], { type }))
        setShown({ address: made, error: null })
      })
      .catch((error: unknown) => !abort.signal.aborted && setShown({ address: null, error }))
    return () => {
      abort.abort()
      if (made) URL.revokeObjectURL(made)
    }
  }, [path])
  return { ...shown, isRefused }
}

/** As an image, a file's bytes can only be looked at: no script in an SVG runs, and it loads nothing. */
export function ImageView({ entry }: { entry: FileEntry }) {
  const isDrawing = endingOf(entry.name) === 'svg'
  const { address, error } = useBlob(entry, () => (isDrawing ? 'image/svg+xml' : ''))
  const [size, setSize] = useState<string | null>(null)
  const [isBroken, setBroken] = useState(false)
  if (error) return <ErrorMessage error={error} bar />
  if (isBroken) return <RawView entry={entry} />
  return (
    <>
      <div className={styles.image}>
        {address && (
          <img
            src={address}
            alt={entry.name}
            onLoad={({ currentTarget: { naturalWidth, naturalHeight } }) =>
              setSize(`${naturalWidth} × ${naturalHeight} pixels`)
            }
            onError={() => setBroken(true)}
          />
        )}
      </div>
      <div className={styles.status}>{!isDrawing && size}</div>
    </>
  )
}

/** The browser's own viewer has a process of its own, from which no document reaches the page. */
function PdfView({ entry }: { entry: FileEntry }) {
  const isPdf = (bytes: Uint8Array) => kindOfBytes(bytes) === 'PDF document'
  const { address, error, isRefused } = useBlob(entry, (bytes) => (isPdf(bytes) ? 'application/pdf' : null))
  if (error) return <ErrorMessage error={error} bar />
  // Without a viewer the browser would download it at once; what is no PDF is for no viewer.
  if (isRefused || !navigator.pdfViewerEnabled) return <RawView entry={entry} />
  return address && <iframe src={address} title={entry.name} className={styles.frame} referrerPolicy="no-referrer" />
}
