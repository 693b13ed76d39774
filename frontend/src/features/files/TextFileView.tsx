import { lazy, type ReactNode, Suspense, useSyncExternalStore } from 'react'
import { useStore } from 'zustand'
import { contentAddress, type FileEntry } from '../../api/files'
import { Button } from '../../components/Button'
import { EmptyState } from '../../components/EmptyState'
import { ErrorMessage } from '../../components/Note'
import { Skeleton } from '../../components/Skeleton'
import { download } from '../../lib/download'
import { useDelayed } from '../../lib/useDelayed'
import { FileNotes } from '../editor/FileNotes'
import type { FileSession } from '../editor/FileSession'
import { DataRowsView } from './DataRowsView'
import styles from './FilesPage.module.css'
import { useFileSession } from './useFileSession'

const CodeEditor = lazy(() => import('../editor/CodeEditor').then((module) => ({ default: module.CodeEditor })))

interface TextFileViewProps {
  entry: FileEntry
  mode: 'table' | 'text'
  topBar: (file: FileSession) => ReactNode
}

export function TextFileView({ entry, mode, topBar }: TextFileViewProps) {
  const file = useFileSession(entry.path)
  const { phase, error, save } = useStore(file.state)
  const isSlow = useDelayed(phase === 'loading')
  if (phase === 'loading') return isSlow ? <EditorSkeleton /> : null
  if (phase === 'binary') {
    return (
      <EmptyState
        title="This file is no text"
        actions={<Button onClick={() => download(contentAddress(entry.path))}>Download file</Button>}
      >
        It cannot be shown or edited here.
      </EmptyState>
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
      {mode === 'table' ? (
        <DataTable file={file} name={entry.name} />
      ) : (
        <div className={styles.editor}>
          <Suspense fallback={<EditorSkeleton />}>
            <CodeEditor
              document={file.document}
              path={entry.name}
              height="fill"
              readOnly={!entry.writable}
              onSave={() => void file.save()}
            />
          </Suspense>
        </div>
      )}
    </div>
  )
}

function DataTable({ file, name }: { file: FileSession; name: string }) {
  const text = useSyncExternalStore(
    (listener) => file.document.subscribe(listener),
    () => file.document.text,
  )
  return <DataRowsView name={name} text={text} />
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
