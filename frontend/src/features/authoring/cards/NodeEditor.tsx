import { IconFilePlus, IconFileText } from '@tabler/icons-react'
import { lazy, Suspense, useEffect, useRef, useState } from 'react'
import { useStore } from 'zustand'
import { Button } from '../../../components/Button'
import { ErrorMessage, Note } from '../../../components/Note'
import { toast } from '../../../components/Toasts'
import type { EditorHandle } from '../../editor/CodeEditor'
import type { FileSession } from '../../editor/FileSession'
import { newNodeText } from '../nodeTexts'
import { useAuthoring, useFileState } from '../state/context'
import { openTab } from '../state/pageStore'
import { useFileMarkers } from '../useFileMarkers'
import styles from './cards.module.css'

const CodeEditor = lazy(() => import('../../editor/CodeEditor').then((module) => ({ default: module.CodeEditor })))

interface NodeEditorProps {
  node: string
  path: string
  kind: string
  onRun: () => void
}

/** The file of a node, in its card. It is read when the card is a few screens away, its editor is made when it is near. */
export function NodeEditor(props: NodeEditorProps) {
  const { ref, isNear: isWanted } = useNear('2400px')
  return (
    <div ref={ref} className={styles.text}>
      {isWanted ? <OpenFile {...props} /> : <div className={styles.editor} />}
    </div>
  )
}

function OpenFile({ node, path, kind, onRun }: NodeEditorProps) {
  const { session, page, readOnly } = useAuthoring()
  const file = session.file(path)
  const { phase, error } = useFileState(file)
  const { ref, isNear } = useNear('600px')
  const markers = useFileMarkers(path, node)
  const handle = useJump(path, node, phase === 'ready')
  useEffect(() => void file.load(), [file])

  if (phase === 'missing') return <MissingFile path={path} node={node} kind={kind} />
  if (phase === 'binary') return <p className={styles.fileNote}>{path} holds bytes that are no text.</p>
  if (phase === 'failed') {
    return (
      <div className={styles.fileNote}>
        <ErrorMessage
          title={`${path} could not be read.`}
          error={new Error(error ?? '')}
          onRetry={() => void file.load()}
        />
      </div>
    )
  }
  return (
    <>
      {kind !== 'python' && (
        <div className={styles.fileBar}>
          <span className="mono truncate">{path}</span>
          <span className={styles.end}>
            <Button
              variant="ghost"
              size="small"
              icon={<IconFileText size={14} stroke={1.5} aria-hidden />}
              onClick={() => openTab(page, path)}
            >
              Open in a tab
            </Button>
          </span>
        </div>
      )}
      <div ref={ref} className={styles.editor}>
        {phase === 'ready' && !isNear && <Placeholder file={file} />}
        {phase === 'ready' && isNear && (
          <Suspense fallback={<Placeholder file={file} />}>
            <CodeEditor
              document={file.document}
              path={path}
              readOnly={readOnly !== null}
              markers={markers}
              height="fit"
              onRun={onRun}
              onSave={() => void file.save()}
              handle={handle}
            />
          </Suspense>
        )}
      </div>
    </>
  )
}

function MissingFile({ path, node, kind }: { path: string; node: string; kind: string }) {
  const { session, readOnly } = useAuthoring()
  const create = async () => {
    try {
      const known = kind === 'llm' || kind === 'prompt' ? kind : 'python'
      await session.create(path, newNodeText(known, node))
      await session.file(path).load()
    } catch (error) {
      toast.fail(error)
    }
  }
  return (
    <div className={styles.fileNote}>
      <Note
        tone="danger"
        actions={
          !readOnly && (
            <Button size="small" icon={<IconFilePlus size={14} stroke={1.5} aria-hidden />} onClick={create}>
              Create file
            </Button>
          )
        }
      >
        Node <code>{node}</code> reads <code>{path}</code>, but there is no such file.
      </Note>
    </div>
  )
}

/** As high as the editor is going to be, so that nothing moves when it comes. */
function Placeholder({ file }: { file: FileSession }) {
  const lines = file.document.text.split('\n').length
  return <div style={{ height: Math.min(312, lines * 20 + 12) }} />
}

/** True once the element has been within `margin` of the screen. */
function useNear(margin: string) {
  const ref = useRef<HTMLDivElement>(null)
  const [isNear, setNear] = useState(false)
  useEffect(() => {
    const element = ref.current
    if (!element || isNear) return
    const observer = new IntersectionObserver(
      (entries) => entries.some((entry) => entry.isIntersecting) && setNear(true),
      { rootMargin: `${margin} 0px` },
    )
    observer.observe(element)
    return () => observer.disconnect()
  }, [isNear, margin])
  return { ref, isNear }
}

/** An editor that goes to where a problem points. `card` is the node whose card it is in, null in a tab. */
export function useJump(path: string, card: string | null, isReady: boolean) {
  const { page } = useAuthoring()
  const [handle, setHandle] = useState<EditorHandle | null>(null)
  const jump = useStore(page, (state) => {
    const isHere = state.jump?.file === path && (card === null ? state.isRaw : !state.isRaw && state.selected === card)
    return isHere ? state.jump : null
  })
  useEffect(() => {
    if (!jump || !handle || !isReady) return
    handle.reveal(jump.line, jump.column)
    page.setState({ jump: null })
  }, [jump, handle, isReady, page])
  return setHandle
}
