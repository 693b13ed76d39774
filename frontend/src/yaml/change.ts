import type { Document } from 'yaml'
import { parseSource, type Source, YamlEditError } from './source'
import { applyEdits, type TextEdit } from './splice'

/** A change in two forms: as splices of the text, and as what it means, by which the splices are checked. */
export interface Change {
  edits(source: Source): TextEdit[]
  mean(doc: Document): void
}

/**
 * The splices that make `change` in `text`, the fewest that do.
 *
 * @throws YamlEditError when the text cannot be parsed, or the splices would not mean exactly the change.
 */
export function planChange(text: string, change: Change): TextEdit[] {
  const source = parseSource(text)
  if (source.doc.errors.length > 0) throw new YamlEditError('The file has a syntax error. Mend it in raw file mode.')
  const edits = change.edits(source)
  const intended = parseSource(text).doc
  change.mean(intended)
  const result = parseSource(applyEdits(text, edits)).doc
  if (result.errors.length > 0 || !sameValue(readValue(result), readValue(intended))) {
    throw new YamlEditError('This part of the file is written in a way that only raw file mode can change.')
  }
  return edits
}

function readValue(doc: Document): unknown {
  try {
    return doc.toJS({ maxAliasCount: 10_000 })
  } catch {
    throw new YamlEditError('This value is shared through a YAML alias. Edit it in raw file mode.')
  }
}

export function sameValue(a: unknown, b: unknown): boolean {
  if (Object.is(a, b) || (a == null && b == null)) return true
  if (typeof a !== 'object' || typeof b !== 'object' || a === null || b === null) return false
  if (Array.isArray(a) || Array.isArray(b)) {
    return Array.isArray(a) && Array.isArray(b) && a.length === b.length && a.every((item, i) => sameValue(item, b[i]))
  }
  const left = a as Record<string, unknown>
  const right = b as Record<string, unknown>
  const keys = Object.keys(left)
  return (
    keys.length === Object.keys(right).length && keys.every((key) => key in right && sameValue(left[key], right[key]))
  )
}

/** Several changes as one; they must touch different places. */
export function both(...changes: Change[]): Change {
  return {
    edits: (source) => changes.flatMap((change) => change.edits(source)),
    mean: (doc) => {
      for (const change of changes) change.mean(doc)
    },
  }
}
