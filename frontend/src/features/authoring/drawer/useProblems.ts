import { useMemo } from 'react'
import { useStore } from 'zustand'
import { plainError } from '../run/types'
import { useAuthoring, useFlowInfo, useFlowView } from '../state/context'

export interface ShownProblem {
  file: string | null
  line: number | null
  column: number | null
  severity: 'error' | 'warning'
  message: string
  /** From the last run, not from the files. */
  isFromRun: boolean
}

/** Everything that is wrong: in the text as it stands, in the files, and in the last run. */
export function useProblems(): ShownProblem[] {
  const { session, runs } = useAuthoring()
  const flowFile = useStore(session.opened, (opened) => opened.flowFile)
  const view = useFlowView()
  const info = useFlowInfo()
  const run = useStore(runs.view, ({ runs: [latest] }) => latest)
  return useMemo(() => {
    const found: ShownProblem[] = view.problems.map(({ line, column, message }) => {
      return { file: flowFile, line, column, severity: 'error', message, isFromRun: false }
    })
    for (const { file, line, column, severity, message } of info?.problems ?? []) {
      const isKnown = found.some((known) => known.file === file && known.line === line)
      if (!isKnown) found.push({ file, line, column, severity, message, isFromRun: false })
    }
    if (run?.error && run.status === 'failed') {
      const { file = null, line = null } = run.error
      const { type, message } = plainError(run.error)
      const text = type === '' ? message : `${type}: ${message}`
      found.push({ file, line, column: null, severity: 'error', message: text, isFromRun: true })
    }
    return found
  }, [view.problems, info?.problems, run, flowFile])
}
