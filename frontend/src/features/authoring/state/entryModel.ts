import type { Flow } from '../../../api/flows'
import type { FlowModel } from '../../../yaml/flow'
import type { Json } from '../../../yaml/scalars'

/** A flow without nodes as the page knows flows: what goes in and what comes out, as the studio reads it. */
export function entryModel(info: Flow): FlowModel {
  const span = { from: 0, to: 0, line: 1 }
  return {
    type: info.type,
    displayName: info.display_name,
    inputs: info.inputs.map((input) => ({
      name: input.name,
      type: input.type,
      default: input.has_default ? ((input.default ?? null) as Json) : undefined,
      description: input.description ?? '',
      isChatInput: input.is_chat_input ?? false,
      isChatHistory: input.is_chat_history ?? false,
      span,
    })),
    outputs: info.outputs.map((output) => ({
      name: output.name,
      type: output.type ?? 'string',
      reference: '',
      description: '',
      isChatOutput: output.is_chat_output ?? false,
      span,
    })),
    nodes: [],
  }
}
