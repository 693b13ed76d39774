/** What the first bytes of a file tell about it. */

const signatures: readonly [string, string][] = [
  ['89504e470d0a1a0a', 'PNG image'],
  ['ffd8ff', 'JPEG image'],
  ['47494638', 'GIF image'],
  ['25504446', 'PDF document'],
  ['504b0304', 'Zip archive, or a document that is one'],
  ['1f8b', 'Gzip archive'],
  ['425a68', 'Bzip2 archive'],
  ['fd377a585a00', 'XZ archive'],
  ['28b52ffd', 'Zstandard archive'],
  ['7f454c46', 'Program (ELF)'],
  ['4d5a', 'Program (Windows)'],
  ['53514c69746520666f726d6174203300', 'SQLite database'],
  ['50415231', 'Parquet table'],
  ['4152524f5731', 'Arrow table'],
  ['934e554d5059', 'NumPy array'],
  ['8002', 'Python pickle'],
  ['8003', 'Python pickle'],
  ['8004', 'Python pickle'],
  ['8005', 'Python pickle'],
  ['1a45dfa3', 'Matroska or WebM video'],
  ['494433', 'MP3 sound'],
  ['4f676753', 'Ogg sound'],
  ['52494646', 'RIFF: sound, video or WebP image'],
]

const hex = (byte: number) => byte.toString(16).padStart(2, '0')

/** UTF-8 without control characters; a character may be cut off at the end. */
export function isText(bytes: Uint8Array): boolean {
  if (bytes.includes(0)) return false
  try {
    new TextDecoder('utf-8', { fatal: true }).decode(bytes, { stream: true })
    return true
  } catch {
    return false
  }
}

export function kindOfBytes(bytes: Uint8Array): string {
  const start = [...bytes.slice(0, 16)].map(hex).join('')
  const known = signatures.find(([signature]) => start.startsWith(signature))
  return known?.[1] ?? (bytes.length === 0 ? 'Empty' : isText(bytes) ? 'Text' : 'Bytes')
}

const perLine = 16

/** Lines of an offset, sixteen bytes and the characters they may be. */
export function hexDump(bytes: Uint8Array): string {
  const lines: string[] = []
  for (let at = 0; at < bytes.length; at += perLine) {
    const part = [...bytes.slice(at, at + perLine)]
    const codes = part.map(hex)
    const left = codes.slice(0, 8).join(' ').padEnd(23)
    const right = codes.slice(8).join(' ').padEnd(23)
    const shown = part.map((byte) => (byte >= 32 && byte < 127 ? String.fromCharCode(byte) : '·')).join('')
    lines.push(`${at.toString(16).padStart(8, '0')}  ${left}  ${right}  ${shown}`)
  }
  return lines.join('\n')
}
