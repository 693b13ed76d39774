import { IconCopy, IconX } from '@tabler/icons-react'
import { useNavigate } from '@tanstack/react-router'
import { useState } from 'react'
import { useStore } from 'zustand'
import { ApiError } from '../../api/errors'
import { createFlow } from '../../api/flows'
import { Button, IconButton } from '../../components/Button'
import { Note } from '../../components/Note'
import { toast } from '../../components/Toasts'
import { baseName } from '../../lib/paths'
import { FileNotes } from '../editor/FileNotes'
import { useJumpTo } from './drawer/ProblemsPanel'
import { plainError } from './run/types'
import { useAuthoring, useFlowView } from './state/context'
import { jumpTo } from './state/pageStore'

/** What one has to know before going on, under the toolbar. */
export function Bars() {
  return (
    <>
      <ReadOnlyBar />
      <FileBars />
      <StaleBar />
      <RunBanner />
    </>
  )
}

function ReadOnlyBar() {
  const { session, readOnly } = useAuthoring()
  const navigate = useNavigate()
  const [isBusy, setBusy] = useState(false)
  if (!readOnly) return null
  const clone = async () => {
    setBusy(true)
    try {
      const path = await cloneFlow(session.address)
      await navigate({ to: '/flows/$', params: { _splat: path } })
    } catch (error) {
      toast.fail(error, 'The flow could not be cloned. ')
    } finally {
      setBusy(false)
    }
  }
  return (
    <Note
      bar
      tone="info"
      actions={
        <Button size="small" icon={<IconCopy size={14} stroke={1.5} aria-hidden />} busy={isBusy} onClick={clone}>
          Clone flow
        </Button>
      }
    >
      {readOnly} Clone it to work on a copy of your own.
    </Note>
  )
}

/** A copy among one's own flows, under a name that is free there. */
async function cloneFlow(path: string): Promise<string> {
  for (let number = 1; ; number += 1) {
    try {
      const stem = baseName(path).replace(/\.prompty$/, '')
      const name = number === 1 ? stem : `${stem}-${number}`
      return await createFlow({ name, copy_of: path })
    } catch (error) {
      if (!(error instanceof ApiError) || error.code !== 'flow_name_taken' || number > 99) throw error
    }
  }
}

function StaleBar() {
  const { session, page } = useAuthoring()
  const { isStale, problems, model } = useFlowView()
  const isRaw = useStore(page, (state) => state.isRaw)
  const flowFile = useStore(session.opened, (opened) => opened.flowFile)
  const problem = problems[0]
  if (!isStale || !problem) return null
  return (
    <Note
      bar
      tone="danger"
      role="alert"
      actions={
        <Button size="small" onClick={() => jumpTo(page, flowFile, problem.line, problem.column)}>
          Go to line {problem.line}
        </Button>
      }
    >
      {flowFile}, line {problem.line}: {problem.message}
      {!isRaw && model && ' The cards show the last state that could be read.'}
    </Note>
  )
}

function FileBars() {
  const { session } = useAuthoring()
  useStore(session.changed)
  return session.undecided().map((file) => <FileNotes key={file.name} file={file} />)
}

function RunBanner() {
  const { runs } = useAuthoring()
  const run = useStore(runs.view, ({ runs: [latest] }) => latest)
  const [closed, setClosed] = useState<number | null>(null)
  const jump = useJumpTo()
  if (run?.status !== 'failed' || run.error === null || closed === run.id) return null
  const { file, line, node } = run.error
  const { type, message } = plainError(run.error)
  const done = Object.values(run.nodes).filter((state) => state.status === 'completed').length
  const total = Object.keys(run.nodes).length
  return (
    <Note
      bar
      tone="danger"
      role="alert"
      actions={
        <>
          {file && (
            <Button size="small" onClick={() => jump({ file, line }, node ?? null)}>
              {line ? `Go to line ${line}` : `Open ${baseName(file)}`}
            </Button>
          )}
          <IconButton
            size="small"
            label="Close notice"
            icon={<IconX size={14} stroke={1.5} aria-hidden />}
            onClick={() => setClosed(run.id)}
          />
        </>
      }
    >
      Run failed{node && ' at '}
      {node && <code>{node}</code>}
      {file && line ? ', ' : ''}
      {file && line ? (
        <>
          line {line} of <code>{baseName(file)}</code>
        </>
      ) : null}
      . {type && `${type}: `}
      {message}
      {total > 1 && (
        <span className="secondary">
          {' '}
          {done} of {total} nodes completed.
        </span>
      )}
    </Note>
  )
}
