import { parseDocument } from 'yaml'
import type { Json } from './scalars'
import type { Path } from './source'

/** What the text says at a path, as a plain value; null where it says nothing. */
export function valueAt(text: string, path: Path): Json {
  let value: unknown = parseDocument(text).toJS({ maxAliasCount: 10_000 })
  for (const key of path) {
    if (typeof value !== 'object' || value === null) return null
    value = (value as Record<string | number, unknown>)[key]
  }
  return (value ?? null) as Json
}
