import { IconX } from '@tabler/icons-react'
import { useQuery } from '@tanstack/react-query'
import { lazy, Suspense, useEffect, useState } from 'react'
import { useStore } from 'zustand'
import { entryQuery } from '../../../api/files'
import { IconButton } from '../../../components/Button'
import { EmptyState } from '../../../components/EmptyState'
import { ErrorMessage } from '../../../components/Note'
import { Present } from '../../../components/Present'
import { classes } from '../../../lib/classes'
import { joinPath } from '../../../lib/paths'
import { FileIcon } from '../../files/FileIcon'
import { isShownAsBytes, longestText } from '../../files/preview/kinds'
import { noteRecent } from '../../files/search/recent'
import { useJump } from '../cards/NodeEditor'
import { useAuthoring, useFileState } from '../state/context'
import { closeTab, openTab } from '../state/pageStore'
import { useFileMarkers } from '../useFileMarkers'
import styles from './files.module.css'

const CodeEditor = lazy(() => import('../../editor/CodeEditor').then((module) => ({ default: module.CodeEditor })))
const BytesView = lazy(() => import('../../files/preview/BytesView').then((module) => ({ default: module.BytesView })))
const RawView = lazy(() => import('../../files/preview/RawView').then((module) => ({ default: module.RawView })))
const RequirementsBar = lazy(() =>
  import('../../environments/EnvironmentStatus').then((module) => ({ default: module.RequirementsPart })),
)
const mayBeRequirements = /\.(txt|in)$/

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
        <TabContent key={tab} name={tab} onRun={onRun} />
      )}
    </div>
  )
}

interface TabProps {
  name: string
  onRun: () => void
}

/** A text in its editor; what is no text, or too long a one, as its bytes. */
function TabContent({ name, onRun }: TabProps) {
  const { session } = useAuthoring()
  const path = joinPath(session.path, name)
  const [isForced, setForced] = useState(false)
  const { data: entry, isPending } = useQuery({ ...entryQuery(path), retry: false })
  useEffect(() => noteRecent(path), [path])
  if (isPending) return <div className={styles.editor} />
  const size = entry?.size ?? 0
  if (!entry || isForced || !isShownAsBytes(name, size)) return <FileEditor name={name} onRun={onRun} />
  return (
    <div className={styles.bytes}>
      <Suspense>
        <BytesView entry={entry} {...(size > longestText && { onForce: () => setForced(true) })} />
      </Suspense>
    </div>
  )
}

function FileEditor({ name, onRun }: TabProps) {
  const { session, readOnly } = useAuthoring()
  const file = session.file(name)
  const { phase, error } = useFileState(file)
  const markers = useFileMarkers(name)
  const handle = useJump(name, null, phase === 'ready')
  useEffect(() => void file.load(), [file])
  if (phase === 'loading') return <div className={styles.editor} />
  if (phase === 'binary') return <BinaryFile path={file.sharePath} />
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
    <>
      {mayBeRequirements.test(name) && (
        <Suspense>
          <RequirementsBar path={session.address} file={file} name={name} />
        </Suspense>
      )}
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
    </>
  )
}

function BinaryFile({ path }: { path: string }) {
  const { data: entry } = useQuery(entryQuery(path))
  return (
    <div className={styles.bytes}>
      {entry && (
        <Suspense>
          <RawView entry={entry} />
        </Suspense>
      )}
    </div>
  )
}
