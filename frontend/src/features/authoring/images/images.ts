import type { Json } from '../../../yaml/scalars'

type JsonMap = { [key: string]: Json }

/** An image in one of the forms in which flows hold them. */
export interface FoundImage {
  kind: 'inline' | 'path' | 'url'
  /** `image/png`, or `image/*` where nothing says which. */
  type: string
  /** A data address, a path in the flow's folder, or an address. */
  where: string
}

const basicKey = /^data:(image\/[^;]*);(path|base64|url)$/
const dataAddress = /^data:(image\/[^;,]*);base64,/

/** The image that a value is, in either message format; null where it is none. */
export function imageOf(value: Json | undefined): FoundImage | null {
  if (!isMap(value)) return null
  const entries = Object.entries(value)
  const [key = '', content] = entries[0] ?? []
  const basic = entries.length === 1 ? basicKey.exec(key) : null
  if (basic && typeof content === 'string') {
    const [, type = 'image/*', way] = basic
    if (way === 'path') return { kind: 'path', type, where: content }
    if (way === 'url') return { kind: 'url', type, where: content }
    return { kind: 'inline', type, where: content.startsWith('data:') ? content : `data:${type};base64,${content}` }
  }
  return visionImage(value)
}

function visionImage({ type, image_url, image_file }: JsonMap): FoundImage | null {
  const url = isMap(image_url) ? image_url.url : undefined
  if (type === 'image_url' && typeof url === 'string') {
    const inline = dataAddress.exec(url)
    return inline
      ? { kind: 'inline', type: inline[1] ?? 'image/*', where: url }
      : { kind: 'url', type: 'image/*', where: url }
  }
  const path = isMap(image_file) ? image_file.path : undefined
  return type === 'image_file' && typeof path === 'string' ? { kind: 'path', type: typeOf(path), where: path } : null
}

/** An image as a flow of this message format takes it. */
export function imageValue({ kind, type, where }: FoundImage, format: string): Json {
  if (format === 'openai-vision') {
    return kind === 'path'
      ? { type: 'image_file', image_file: { path: where } }
      : { type: 'image_url', image_url: { url: where } }
  }
  if (kind === 'inline') return { [`data:${type};base64`]: where.replace(dataAddress, '') }
  return { [`data:${type};${kind}`]: where }
}

/** What someone typed, an address or a path, as an image; null for nothing. */
export function imageFromText(text: string): FoundImage | null {
  const where = text.trim()
  if (where === '') return null
  const inline = dataAddress.exec(where)
  if (inline) return { kind: 'inline', type: inline[1] ?? 'image/*', where }
  return { kind: /^https?:\/\//i.test(where) ? 'url' : 'path', type: typeOf(where), where }
}

/** A file of this computer as an image that goes along with the run. */
export async function imageFromFile(file: Blob): Promise<FoundImage> {
  const where = await new Promise<string>((resolve, reject) => {
    const reader = new FileReader()
    reader.onload = () => resolve(String(reader.result))
    reader.onerror = () => reject(new Error('The image could not be read.'))
    reader.readAsDataURL(file)
  })
  return { kind: 'inline', type: file.type || 'image/*', where }
}

const endings: Record<string, string> = { jpg: 'jpeg', jpeg: 'jpeg', png: 'png', gif: 'gif', webp: 'webp', bmp: 'bmp' }

function typeOf(path: string): string {
  const ending = /\.(\w+)(?:[?#].*)?$/.exec(path)?.[1]?.toLowerCase() ?? ''
  return `image/${endings[ending] ?? '*'}`
}

function isMap(value: Json | undefined): value is JsonMap {
  return typeof value === 'object' && value !== null && !Array.isArray(value)
}
