import { dependents, flowGraph, nodeId } from '../../../graph/flowGraph'
import type { FlowModel } from '../../../yaml/flow'
import { inputReference, outputReference } from '../../../yaml/references'
import type { NodeState } from '../run/types'
import type { FieldOption } from './ValueField'

/** What an input of `node` can refer to: everything that does not itself depend on the node. */
export function referenceOptions(
  model: FlowModel,
  node: string | null,
  last: Record<string, NodeState>,
): FieldOption[] {
  const blocked = node === null ? new Set<string>() : dependents(flowGraph(model), nodeId(node))
  const options: FieldOption[] = []
  if (node !== null) {
    for (const input of model.inputs) options.push({ value: inputReference(input.name), detail: input.type })
  }
  for (const other of model.nodes) {
    if (other.name === node || other.name === '' || blocked.has(nodeId(other.name))) continue
    options.push({ value: outputReference(other.name), detail: other.body.type })
    const output = last[other.name]?.result?.output
    if (typeof output === 'object' && output !== null && !Array.isArray(output)) {
      for (const key of Object.keys(output).slice(0, 12)) {
        if (/^\w+$/.test(key)) options.push({ value: `\${${other.name}.output.${key}}`, detail: 'field' })
      }
    }
  }
  if (node === null) {
    for (const input of model.inputs) options.push({ value: inputReference(input.name), detail: input.type })
  }
  return options
}
