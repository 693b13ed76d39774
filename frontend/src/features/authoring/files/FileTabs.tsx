import { IconX } from '@tabler/icons-react'
import { lazy, Suspense, useEffect } from 'react'
import { useStore } from 'zustand'
import { contentAddress } from '../../../api/files'
import { Button, IconButton } from '../../../components/Button'
import { EmptyState } from '../../../components/EmptyState'
import { ErrorMessage } from '../../../components/Note'
import { Present } from '../../../components/Present'
import { classes } from '../../../lib/classes'
import { download } from '../../../lib/download'
import { joinPath } from '../../../lib/paths'
import { FileIcon } from '../../files/FileIcon'
import { useJump } from '../cards/NodeEditor'
import { useAuthoring, useFileState } from '../state/context'
import { closeTab, openTab } from '../state/pageStore'
import { useFileMarkers } from '../useFileMarkers'
import styles from './files.module.css'

const CodeEditor = lazy(() => import('../../editor/CodeEditor').then((module) => ({ default: module.CodeEditor })))

/** Raw file mode: the files of the flow in tabs, each with its editor. */
export function FileTabs({ onRun }: { onRun: () => void }) {
  const { page, session } = useAuthoring()
  const tabs = useStore(page, (state) => state.tabs)
  const tab = useStore(page, (state) => state.tab)
  return (
    <div className={styles.files}>
      <nav aria-label="Open files" className={styles.tabs}>
        {tabs.map((name) => (
          <span key={name} className={classes(styles.tab, name === tab && styles.current)}>
            <button
              type="button"
              aria-current={name === tab ? 'true' : undefined}
              className={styles.tabName}
              title={name}
              onClick={() => openTab(page, name)}
            >
              <FileIcon name={name} kind="file" />
              {name}
            </button>
            <Present path={joinPath(session.path, name)} />
            <IconButton
              size="small"
              label={`Close ${name}`}
              icon={<IconX size={12} stroke={1.5} aria-hidden />}
              onClick={() => closeTab(page, name)}
            />
          </span>
        ))}
      </nav>
      {tab === '' ? (
        <EmptyState title="No file is open">Choose one in the tree of files.</EmptyState>
      ) : (
        <FileEditor key={tab} name={tab} onRun={onRun} />
      )}
    </div>
  )
}

function FileEditor({ name, onRun }: { name: string; onRun: () => void }) {
  const { session, readOnly } = useAuthoring()
  const file = session.file(name)
  const { phase, error } = useFileState(file)
  const markers = useFileMarkers(name)
  const handle = useJump(name, null, phase === 'ready')
  useEffect(() => void file.load(), [file])
  if (phase === 'loading') return <div className={styles.editor} />
  if (phase === 'binary') {
    return (
      <EmptyState
        title="This file is no text"
        actions={<Button onClick={() => download(contentAddress(file.sharePath))}>Download file</Button>}
      >
        It cannot be shown or edited here.
      </EmptyState>
    )
  }
  if (phase !== 'ready') {
    return (
      <div className={styles.note}>
        <ErrorMessage
          title={phase === 'missing' ? `${name} is not there any more.` : `${name} could not be read.`}
          error={new Error(error ?? '')}
          onRetry={() => void file.load()}
        />
      </div>
    )
  }
  return (
    <div className={styles.editor}>
      <Suspense>
        <CodeEditor
          document={file.document}
          path={name}
          readOnly={readOnly !== null}
          markers={markers}
          height="fill"
          onRun={onRun}
          onSave={() => void file.save()}
          handle={handle}
        />
      </Suspense>
    </div>
  )
}
