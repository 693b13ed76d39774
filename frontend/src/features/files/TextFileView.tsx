import { lazy, type ReactNode, Suspense } from 'react'
import { contentAddress, type FileEntry } from '../../api/files'
import { Button } from '../../components/Button'
import { EmptyState } from '../../components/EmptyState'
import { ErrorMessage, Note } from '../../components/Note'
import { Skeleton } from '../../components/Skeleton'
import { download } from '../../lib/download'
import { useDelayed } from '../../lib/useDelayed'
import { DataRowsView } from './DataRowsView'
import styles from './FilesPage.module.css'
import { type TextFile, useTextFile } from './useTextFile'

const TextEditor = lazy(() => import('../editor/TextEditor').then((module) => ({ default: module.TextEditor })))

interface TextFileViewProps {
  entry: FileEntry
  mode: 'table' | 'text'
  topBar: (file: TextFile) => ReactNode
}

export function TextFileView({ entry, mode, topBar }: TextFileViewProps) {
  const file = useTextFile(entry.path)
  const isSlow = useDelayed(file.content === null && !file.error)
  if (!file.content) {
    if (file.error) {
      return (
        <ErrorMessage bar error={file.error} title="The file could not be read." onRetry={() => void file.reload()} />
      )
    }
    return isSlow ? <EditorSkeleton /> : null
  }
  if (file.content.isBinary) {
    return (
      <EmptyState
        title="This file is no text"
        actions={<Button onClick={() => download(contentAddress(entry.path))}>Download file</Button>}
      >
        It cannot be shown or edited here.
      </EmptyState>
    )
  }
  return (
    <div className={styles.content}>
      {topBar(file)}
      <SaveProblem file={file} />
      {mode === 'table' ? (
        <DataRowsView name={entry.name} text={file.text} />
      ) : (
        <div className={styles.editor}>
          <Suspense fallback={<EditorSkeleton />}>
            <TextEditor
              path={entry.name}
              value={file.text}
              onChange={file.change}
              readOnly={!entry.writable}
              onSave={() => void file.save()}
            />
          </Suspense>
        </div>
      )}
    </div>
  )
}

function SaveProblem({ file }: { file: TextFile }) {
  if (file.state === 'conflict') {
    return (
      <Note
        tone="warning"
        role="alert"
        bar
        actions={
          <>
            <Button size="small" onClick={() => void file.takeTheirs()}>
              Take what is on disk
            </Button>
            <Button size="small" onClick={() => void file.keepMine()}>
              Save mine over it
            </Button>
          </>
        }
      >
        The file was changed elsewhere while you edited it. Nothing has been overwritten.
      </Note>
    )
  }
  if (file.state === 'failed') {
    return <ErrorMessage bar error={file.error} title="Not saved." onRetry={() => void file.save()} />
  }
  return null
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
