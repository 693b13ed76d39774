import type { Json } from './scalars'

/** `${inputs.x}`, `${node.output}`, `${node.output.field}`. */
export interface Reference {
  kind: 'input' | 'node'
  name: string
  /** Behind `output`: `.field['key'][0]`, or empty. */
  property: string
}

/** A value is a reference only as a whole; `text ${a.output}` is text. */
export function parseReference(value: Json | undefined): Reference | null {
  if (typeof value !== 'string' || !value.startsWith('${') || !value.endsWith('}') || value.length <= 3) return null
  const inner = value.slice(2, -1)
  const input = /^(?:inputs|flow)\.(.+)$/.exec(inner)
  if (input?.[1]) return { kind: 'input', name: input[1], property: '' }
  const node = /^([^.]+)(?:\.output(.*))?$/.exec(inner)
  if (node?.[1]) return { kind: 'node', name: node[1], property: node[2] ?? '' }
  return { kind: 'node', name: inner.split('.')[0] ?? inner, property: '' }
}

export const inputReference = (name: string): string => `\${inputs.${name}}`
export const outputReference = (node: string): string => `\${${node}.output}`
