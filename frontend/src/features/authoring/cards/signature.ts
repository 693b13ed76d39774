import type { components } from '../../../api/schema'
import { useFlowInfo } from '../state/context'

export type SignatureInput = components['schemas']['SignatureInput']

/** What the source of a node, or of one of its variants, takes; null while that is not known. */
export function useSignature(node: string, variant: string | null): SignatureInput[] | null {
  const info = useFlowInfo()
  if (!info) return null
  const found =
    variant === null ? info.nodes.find((each) => each.name === node) : info.node_variants[node]?.variants?.[variant]
  return found?.signature?.inputs ?? null
}

/** Parameters of a model call, in the order in which a card shows them, with their types. */
export const modelParameters: Readonly<Record<string, string>> = {
  deployment_name: 'string',
  model: 'string',
  temperature: 'double',
  max_tokens: 'int',
  top_p: 'double',
  stop: 'list',
  presence_penalty: 'double',
  frequency_penalty: 'double',
  response_format: 'object',
  seed: 'int',
  logit_bias: 'object',
  user: 'string',
  tools: 'list',
  tool_choice: 'object',
  functions: 'list',
  function_call: 'object',
  suffix: 'string',
  n: 'int',
  logprobs: 'int',
  echo: 'bool',
  best_of: 'int',
}

/** A template variable of the same name goes before. */
export function isModelParameter(name: string, signature: readonly SignatureInput[] | null): boolean {
  return name in modelParameters && !signature?.some((input) => input.name === name)
}
