import { useMemo } from 'react'
import { useStore } from 'zustand'
import type { EditorMarker } from '../editor/markers'
import { plainError } from './run/types'
import { useAuthoring, useFlowInfo, useFlowView } from './state/context'

/** What is wrong in a file: by its content, and by the last run. */
export function useFileMarkers(path: string, node?: string): readonly EditorMarker[] {
  const { session, runs } = useAuthoring()
  const flowFile = useStore(session.opened, (opened) => opened.flowFile)
  const view = useFlowView()
  const info = useFlowInfo()
  const run = useStore(runs.view, ({ runs: [latest] }) => latest)
  const ownError = useStore(runs.view, ({ nodes }) => (node ? (nodes[node]?.result?.error ?? null) : null))
  const runError = ownError ?? run?.error ?? null
  const isFlowFile = path === flowFile

  const markers = useMemo(() => {
    const found: EditorMarker[] = []
    if (isFlowFile) {
      for (const { line, column, message } of view.problems) found.push({ line, column, message, severity: 'error' })
    }
    for (const problem of info?.problems ?? []) {
      if (problem.file !== path || problem.line === null) continue
      if (found.some((known) => known.line === problem.line)) continue
      found.push({
        line: problem.line,
        column: problem.column ?? undefined,
        message: problem.message,
        severity: problem.severity,
      })
    }
    if (runError?.line && sameFile(runError.file, path)) {
      found.push({
        line: runError.line,
        severity: 'error',
        lens: true,
        title: plainError(runError).type,
        message: plainError(runError).message,
      })
    }
    return found
  }, [isFlowFile, view.problems, info?.problems, path, runError])
  const key = JSON.stringify(markers)
  // biome-ignore lint/correctness/useExhaustiveDependencies: equal markers are not set again: edits have moved the old ones.
  return useMemo(() => markers, [key])
}

/** A run may name a file by its full path. */
export function sameFile(named: string | null | undefined, path: string): boolean {
  return named === path || (named?.endsWith(`/${path}`) ?? false)
}
