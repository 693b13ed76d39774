import type { Flow } from '../../../api/flows'
import type { Json } from '../../../yaml/scalars'
import { typedValue } from '../values'

export type Port = Pick<Flow['inputs'][number], 'name' | 'type' | 'has_default'>
export type Values = Record<string, Json>

/** What a run is given: what was typed in its type, else the sample's value; what has a default may stay away. */
export function givenValues(ports: readonly Port[], typed: Values, sample: Values): Values {
  const given: Values = {}
  for (const port of ports) {
    const value = typed[port.name] ?? sample[port.name]
    if (value === undefined || (value === '' && (port.has_default || port.type !== 'string'))) continue
    given[port.name] = typeof value === 'string' ? typedValue(value, port.type) : value
  }
  return given
}

/** Inputs that nothing is known for. */
export function missingInputs(ports: readonly Port[], typed: Values, sample: Values): string[] {
  const given = givenValues(ports, typed, sample)
  return ports.filter((port) => !port.has_default && !(port.name in given)).map((port) => port.name)
}
