import { useStore } from 'zustand'
import type { RunRecord } from '../run/types'
import { useAuthoring } from '../state/context'

/** The run that the drawer shows: the last one, unless another was chosen. */
export function useShownRun(): RunRecord | undefined {
  const { runs } = useAuthoring()
  return useStore(runs.view, (view) => view.runs.find((run) => run.id === view.shown) ?? view.runs[0])
}
