import { parseDocument } from 'yaml'

export type Json = null | boolean | number | string | Json[] | { [key: string]: Json }
export type Quote = 'plain' | 'single' | 'double'

interface ScalarContext {
  /** Inside `{…}` or `[…]`, where commas and brackets end a plain scalar. */
  inFlow: boolean
  /** How the value was quoted before; kept where it can hold the new text. */
  quote?: Quote
}

// Other readers follow YAML 1.1, where these plain words are booleans, numbers in other bases or dates.
const ambiguousElsewhere =
  /^(y|n|yes|no|on|off|true|false|null|~|[-+]?0[0-7_]+|[-+]?[0-9][0-9_]*(:[0-5]?[0-9])+(\.[0-9]*)?|[0-9]{4}-[0-9]{1,2}-[0-9]{1,2}.*|=|<<)$/i

/** A value on one line, as it stands after `key: `. */
export function inlineValue(value: Json, context: ScalarContext): string {
  if (Array.isArray(value)) return `[${value.map((item) => inlineValue(item, { inFlow: true })).join(', ')}]`
  if (value !== null && typeof value === 'object') {
    const pairs = Object.entries(value).map(([key, item]) => {
      return `${inlineValue(key, { inFlow: true })}: ${inlineValue(item, { inFlow: true })}`
    })
    return `{${pairs.join(', ')}}`
  }
  return typeof value === 'string' ? stringScalar(value, context) : otherScalar(value)
}

function otherScalar(value: null | boolean | number): string {
  if (value === null) return 'null'
  if (typeof value === 'boolean') return String(value)
  if (Number.isNaN(value)) return '.nan'
  if (!Number.isFinite(value)) return value > 0 ? '.inf' : '-.inf'
  if (Object.is(value, -0)) return '-0.0'
  return String(value)
}

function stringScalar(text: string, context: ScalarContext): string {
  const wanted = context.quote ?? 'plain'
  if (wanted === 'plain' && canBePlain(text, context.inFlow)) return text
  if (wanted !== 'double' && canBeSingleQuoted(text)) {
    // A text that merely cannot be plain gets double quotes, as most people write them, unless that needs escapes.
    if (wanted === 'single' || /["\\]/.test(text)) return `'${text.replaceAll("'", "''")}'`
  }
  return doubleQuoted(text)
}

function canBeSingleQuoted(text: string): boolean {
  return !/[^\x20-\x7e\u00a0-\ud7ff\ue000-\ufefe\uff00-\ufffd\u{10000}-\u{10ffff}]|\u2028|\u2029/u.test(text)
}

function doubleQuoted(text: string): string {
  // JSON strings are YAML double-quoted scalars; only what JSON leaves raw and YAML treats as a break is added.
  return JSON.stringify(text).replace(/[\u007f-\u00a0\u2028\u2029\ufeff\ufffe\uffff]/g, (char) => {
    return `\\u${char.charCodeAt(0).toString(16).padStart(4, '0')}`
  })
}

function canBePlain(text: string, inFlow: boolean): boolean {
  if (text === '' || text !== text.trim() || !canBeSingleQuoted(text) || ambiguousElsewhere.test(text)) return false
  if (inFlow && /[,[\]{}]/.test(text)) return false
  if (/^(---|\.\.\.)(\s|$)/.test(text)) return false
  if (/^[A-Za-z_][A-Za-z0-9_./ -]*$/.test(text)) return true
  const probe = parseDocument(inFlow ? `{k: ${text}}` : `k: ${text}`)
  return probe.errors.length === 0 && probe.get('k') === text
}

/**
 * The text as a literal block (`|`), lines indented by `indent`, without the last line break; null where a literal
 * block cannot hold it. `header` is the old header with its comment, whose style stays where it fits.
 */
export function literalBlock(text: string, indent: string, eol: string, atEndOfFile: boolean): string | null {
  if (text === '' || /[^\t\n\x20-\x7e\u00a0-\ud7ff\ue000-\ufefe\uff00-\ufffd\u{10000}-\u{10ffff}]/u.test(text))
    return null
  if (/[\u0085\u2028\u2029]/.test(text)) return null
  if (/^[ \t\n]/.test(text) || /\n\n$/.test(text) || /^\n*$/.test(text)) return null
  const clipped = text.endsWith('\n')
  const lines = (clipped ? text.slice(0, -1) : text).split('\n')
  const body = lines.map((line) => (line === '' ? '' : indent + line)).join(eol)
  return `|${clipped ? '' : '-'}${eol}${body}${clipped && atEndOfFile ? eol : ''}`
}
