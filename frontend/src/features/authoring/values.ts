import { formatDuration } from '../../lib/format'
import type { Json } from '../../yaml/scalars'

/** A value as one edits it in a field. */
export function valueText(value: Json | undefined): string {
  if (value === undefined || value === null) return ''
  return typeof value === 'string' ? value : JSON.stringify(value)
}

/** What someone typed into a field, as a value of the wanted type; the text itself where it is none. */
export function typedValue(text: string, type: string, before?: Json): Json {
  if (/^\$\{.*\}$/.test(text)) return text
  const wanted = type || (before === undefined || before === null ? '' : typeof before)
  const trimmed = text.trim()
  if (wanted === 'int' || wanted === 'double' || wanted === 'number') {
    return trimmed !== '' && Number.isFinite(Number(trimmed)) ? Number(trimmed) : text
  }
  if (wanted === 'bool' || wanted === 'boolean') return asBoolean(trimmed) ?? text
  if (wanted === 'list' || wanted === 'object') return asJson(trimmed) ?? text
  return text
}

function asBoolean(text: string): boolean | null {
  return /^true$/i.test(text) ? true : /^false$/i.test(text) ? false : null
}

function asJson(text: string): Json | null {
  try {
    return JSON.parse(text) as Json
  } catch {
    return null
  }
}

/** What is wrong with a typed text for its type, or null. */
export function typeProblem(value: Json, type: string): string | null {
  if (typeof value !== 'string' || /^\$\{.*\}$/.test(value) || value === '') return null
  if (type === 'int' || type === 'double') return `This has to be a number (${type}).`
  if (type === 'bool') return 'This has to be true or false.'
  if (type === 'list') return 'This has to be a JSON list, such as ["a", "b"].'
  if (type === 'object') return 'This has to be a JSON object, such as {"a": 1}.'
  return null
}

/** A value as one reads it: text as it is, everything else as indented JSON. */
export function shownValue(value: Json | undefined): string {
  if (value === undefined) return ''
  return typeof value === 'string' ? value : JSON.stringify(value, withoutBytes, 2)
}

/** The bytes of an image are nothing to read. */
function withoutBytes(key: string, value: Json): Json {
  const isImage = key.startsWith('data:image/') || (typeof value === 'string' && value.startsWith('data:image/'))
  return isImage && typeof value === 'string' && value.length > 200 ? `${value.slice(0, 40)}…` : value
}

const anImage = /\{"data:(image\/[^;"]*);\w+":"[^"]*"\}/g

/** The beginning of a value on one line. */
export function previewOf(value: Json | undefined, characters = 300): string {
  if (value === undefined || value === null) return 'null'
  const text = typeof value === 'string' ? value : JSON.stringify(value, withoutBytes).replace(anImage, '[$1]')
  return text.slice(0, characters).replace(/\s+/g, ' ')
}

export function sizeOf(value: Json | undefined): string {
  if (typeof value === 'string') return countOf(value.length, 'character')
  if (Array.isArray(value)) return countOf(value.length, 'item')
  if (typeof value === 'object' && value !== null) return countOf(Object.keys(value).length, 'field')
  return ''
}

function countOf(count: number, noun: string): string {
  return `${count.toLocaleString('en')} ${noun}${count === 1 ? '' : 's'}`
}

/** Seconds as text; what took no time to speak of says so. */
export function durationText(seconds: number): string {
  return seconds < 0.001 ? '< 1 ms' : formatDuration(seconds)
}

/** A mapping, also one that stands there as JSON text; empty for anything else. */
export function parsedMap(value: Json | undefined): Record<string, Json> {
  const parsed = typeof value === 'string' ? asJson(value) : value
  return typeof parsed === 'object' && parsed !== null && !Array.isArray(parsed) ? parsed : {}
}

/** Whether an image may be in a value: only then is it worth the code that shows one. */
export function mayHoldImage(value: Json | undefined): boolean {
  if (typeof value !== 'object' || value === null) return false
  return /"data:image\/|"image_(url|file)"/.test(JSON.stringify(value))
}
