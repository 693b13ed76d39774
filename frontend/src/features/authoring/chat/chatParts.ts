import type { FlowInput, FlowModel } from '../../../yaml/flow'
import { parseReference } from '../../../yaml/references'
import type { Json } from '../../../yaml/scalars'

/** Which inputs and outputs of a flow its chat goes through. */
export interface ChatParts {
  input: FlowInput | undefined
  /** Empty where the flow takes no history. */
  history: string
  output: string
  /** The node that answers; undefined in a flow without nodes. */
  node: string | undefined
}

export function chatParts(model: FlowModel): ChatParts {
  const output = model.outputs.find((each) => each.isChatOutput) ?? model.outputs[0]
  const reference = parseReference(output?.reference ?? '')
  return {
    input: model.inputs.find((input) => input.isChatInput),
    history: model.inputs.find((input) => input.isChatHistory)?.name ?? '',
    output: output?.name ?? 'output',
    node: reference?.kind === 'node' ? reference.name : undefined,
  }
}

/** What was typed, with the images beside it, as the chat input takes it: a text, or a list of texts and images. */
export function questionValue(text: string, images: readonly Json[], type: string, format: string): Json {
  if (type !== 'list') return text
  const said: Json[] = text === '' ? [] : [format === 'openai-vision' ? { type: 'text', text } : text]
  return [...said, ...images]
}
