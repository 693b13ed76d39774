import { lazy, type ReactNode, Suspense, useEffect, useState, useSyncExternalStore } from 'react'
import { useStore } from 'zustand'
import type { FileEntry } from '../../api/files'
import { ErrorMessage } from '../../components/Note'
import { Skeleton } from '../../components/Skeleton'
import { useDelayed } from '../../lib/useDelayed'
import type { EditorHandle } from '../editor/CodeEditor'
import { FileNotes } from '../editor/FileNotes'
import type { FileSession } from '../editor/FileSession'
import styles from './FilesPage.module.css'
import { fileKind } from './preview/kinds'
import { useFileSession } from './useFileSession'
import type { LinePlace } from './useLinePlace'

const CodeEditor = lazy(() => import('../editor/CodeEditor').then((module) => ({ default: module.CodeEditor })))
const DataRowsView = lazy(() => import('./DataRowsView').then((module) => ({ default: module.DataRowsView })))
const Notebook = lazy(() => import('./preview/Notebook').then((module) => ({ default: module.Notebook })))
const Readme = lazy(() => import('./preview/Readme').then((module) => ({ default: module.Readme })))
const ImageView = lazy(() => import('./preview/BytesView').then((module) => ({ default: module.ImageView })))
const RawView = lazy(() => import('./preview/RawView').then((module) => ({ default: module.RawView })))

interface TextFileViewProps {
  entry: FileEntry
  mode: 'preview' | 'text'
  /** The line that is asked for. */
  place: LinePlace | null
  topBar: (file: FileSession) => ReactNode
}

/** A text that is edited here, or a preview of it; it saves itself. */
export function TextFileView({ entry, mode, place, topBar }: TextFileViewProps) {
  const file = useFileSession(entry.path)
  const { phase, error, save } = useStore(file.state)
  const isSlow = useDelayed(phase === 'loading')
  if (phase === 'loading') return isSlow ? <EditorSkeleton /> : null
  if (phase === 'binary') {
    return (
      <Suspense>
        <RawView entry={entry} />
      </Suspense>
    )
  }
  if (phase !== 'ready') {
    return (
      <ErrorMessage
        bar
        error={new Error(error ?? '')}
        title="The file could not be read."
        onRetry={() => void file.load()}
      />
    )
  }
  return (
    <div className={styles.content}>
      {topBar(file)}
      <FileNotes file={file} />
      {save === 'refused' && (
        <ErrorMessage bar error={new Error(error ?? '')} title="Not saved." onRetry={() => void file.save()} />
      )}
      <Suspense fallback={<EditorSkeleton />}>
        {mode === 'preview' ? <Preview file={file} entry={entry} /> : <Text file={file} entry={entry} place={place} />}
      </Suspense>
    </div>
  )
}

function Text({ file, entry, place }: { file: FileSession; entry: FileEntry; place: LinePlace | null }) {
  const [handle, setHandle] = useState<EditorHandle | null>(null)
  useEffect(() => {
    if (place && handle) handle.reveal(place.line, place.column)
  }, [place, handle])
  return (
    <div className={styles.editor}>
      <CodeEditor
        document={file.document}
        path={entry.name}
        height="fill"
        readOnly={!entry.writable}
        onSave={() => void file.save()}
        handle={setHandle}
      />
    </div>
  )
}

/** What the text is, as it stands in the editor. */
function Preview({ file, entry }: { file: FileSession; entry: FileEntry }) {
  const text = useSyncExternalStore(
    (listener) => file.document.subscribe(listener),
    () => file.document.text,
  )
  switch (fileKind(entry.name)) {
    case 'table':
      return <DataRowsView name={entry.name} text={text} />
    case 'notebook':
      return <Notebook text={text} />
    case 'image':
      return <ImageView key={entry.etag} entry={entry} />
    default:
      return <Readme text={text} />
  }
}

function EditorSkeleton() {
  return (
    <div className={styles.skeleton}>
      {[220, 340, 180, 300, 260].map((width) => (
        <Skeleton key={width} width={width} />
      ))}
    </div>
  )
}
