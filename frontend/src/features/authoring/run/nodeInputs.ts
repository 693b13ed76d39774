import type { FlowModel, NodeBody } from '../../../yaml/flow'
import { parseReference } from '../../../yaml/references'
import type { Json } from '../../../yaml/scalars'
import type { NodeState } from './types'

export interface KnownInputs {
  given: Record<string, Json>
  /** Inputs of the node whose value nothing on this page tells. */
  missing: string[]
}

/** What a node run alone is given: values of flow inputs, and what the nodes before it produced last. */
export function inputsForNode(
  model: FlowModel,
  body: NodeBody,
  last: Record<string, NodeState>,
  name: string,
): KnownInputs {
  const given: Record<string, Json> = {}
  const missing: string[] = []
  const received = last[name]?.result?.inputs
  for (const input of body.inputs) {
    const reference = parseReference(input.value)
    if (!reference) continue
    const value =
      reference.kind === 'input'
        ? model.inputs.find((each) => each.name === reference.name)?.default
        : outputOf(last[reference.name], reference.property)
    const fallback = isMap(received) ? received[input.name] : undefined
    const known = value ?? fallback
    if (known === undefined) missing.push(input.name)
    else given[input.name] = known
  }
  return { given, missing }
}

function outputOf(state: NodeState | undefined, property: string): Json | undefined {
  if (state?.status !== 'completed' || state.result?.output === undefined) return undefined
  return followProperty(state.result.output, property)
}

/** `.field['key'][0]` of a value. */
export function followProperty(value: Json, property: string): Json | undefined {
  let current: Json | undefined = value
  for (const [, word, key, index] of property.matchAll(/(\w+)|\['([^']*)'\]|\[(\d+)\]/g)) {
    if (Array.isArray(current)) current = current[Number(index ?? word)]
    else if (isMap(current)) current = current[word ?? key ?? index ?? '']
    else return undefined
  }
  return current
}

function isMap(value: Json | undefined): value is { [key: string]: Json } {
  return typeof value === 'object' && value !== null && !Array.isArray(value)
}
