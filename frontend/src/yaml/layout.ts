import { inlineValue, type Json, literalBlock } from './scalars'
import { indentSteps, type Source } from './source'

type Steps = ReturnType<typeof indentSteps>

/** The lines of a map or list below a key, indented against that key; null for what belongs on the key's own line. */
export function blockLines(source: Source, value: Json): string[] | null {
  return linesBelow(value, indentSteps(source))
}

/** `key: value` as lines, in several lines where `block` asks for it and the value has parts. */
export function pairLines(source: Source, key: string, value: Json, block: boolean): string[] {
  if (block) return linesOfPair(key, value, indentSteps(source))
  return [`${inlineValue(key, { inFlow: false })}: ${inlineValue(value, { inFlow: false })}`]
}

/** A list item as lines, `- ` included. */
export function itemLines(source: Source, value: Json): string[] {
  return linesOfItem(value, indentSteps(source))
}

export function indent(lines: readonly string[], columns: number): string[] {
  return lines.map((line) => (line === '' ? line : ' '.repeat(columns) + line))
}

function linesBelow(value: Json, steps: Steps): string[] | null {
  if (value === null || typeof value !== 'object') return null
  if (Array.isArray(value)) {
    if (value.length === 0) return null
    return indent(
      value.flatMap((item) => linesOfItem(item, steps)),
      steps.list,
    )
  }
  const entries = Object.entries(value)
  if (entries.length === 0) return null
  return indent(
    entries.flatMap(([key, item]) => linesOfPair(key, item, steps)),
    steps.map,
  )
}

function linesOfPair(key: string, value: Json, steps: Steps): string[] {
  const name = inlineValue(key, { inFlow: false })
  const nested = linesBelow(value, steps)
  if (nested) return [`${name}:`, ...nested]
  if (typeof value === 'string' && value.includes('\n')) {
    const block = literalBlock(value, ' '.repeat(steps.map), '\n', false)
    if (block) return `${name}: ${block}`.split('\n')
  }
  return [`${name}: ${inlineValue(value, { inFlow: false })}`]
}

function linesOfItem(value: Json, steps: Steps): string[] {
  if (value === null || typeof value !== 'object' || Array.isArray(value)) {
    return [`- ${inlineValue(value, { inFlow: false })}`]
  }
  const lines = Object.entries(value).flatMap(([key, item]) => linesOfPair(key, item, steps))
  if (lines.length === 0) return ['- {}']
  return [`- ${lines[0]}`, ...indent(lines.slice(1), 2)]
}
