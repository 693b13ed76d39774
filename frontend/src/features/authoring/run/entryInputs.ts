import { type Flow, flowKeys } from '../../../api/flows'
import { queryClient } from '../../../api/queryClient'
import type { FlowSession } from '../state/FlowSession'
import { givenValues, type Values } from './givenValues'
import type { RunRequest } from './runStore'

/** A run of a flow without nodes, on what its form holds. */
export function entryRequest(session: FlowSession): RunRequest {
  const given = entryGiven(session)
  return { expected: [], inputs: { ...given.inputs, ...given.init }, given: given.inputs, init: given.init }
}

export function entryGiven(session: FlowSession): { inputs: Values; init: Values } {
  const info = queryClient.getQueryData<Flow>(flowKeys.detail(session.address))
  const typed = session.values.getState()
  const sample = (info?.sample ?? {}) as Record<string, Values | undefined>
  return {
    inputs: givenValues(info?.inputs ?? [], typed.inputs, sample.inputs ?? {}),
    init: givenValues(info?.init ?? [], typed.init, sample.init ?? {}),
  }
}
