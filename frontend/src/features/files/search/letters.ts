/** A piece of a text, and whether it is what was looked for. */
export interface Piece {
  text: string
  isHit: boolean
}

const plain = (text: string) => text.toLowerCase().replace(/\s+/g, '')

/** Whether `text` holds the letters of `query` in this order. */
export function holdsLetters(query: string, text: string): boolean {
  const wanted = plain(query)
  const lower = text.toLowerCase()
  let at = 0
  for (const letter of wanted) {
    const found = lower.indexOf(letter, at)
    if (found < 0) return false
    at = found + letter.length
  }
  return true
}

/** `text` in pieces, with the letters of `query` as hits: together where they stand together. */
export function letterPieces(query: string, text: string): Piece[] {
  const wanted = plain(query)
  const lower = text.toLowerCase()
  // A letter whose lower case is longer would shift all that follows.
  if (wanted === '' || lower.length !== text.length || !holdsLetters(query, text)) return [{ text, isHit: false }]
  const together = lower.lastIndexOf(wanted)
  if (together >= 0) return cut(text, [[together, together + wanted.length]])
  const spans: [number, number][] = []
  let at = 0
  for (const letter of wanted) {
    const found = lower.indexOf(letter, at)
    const last = spans.at(-1)
    at = found + letter.length
    if (last && last[1] === found) last[1] = at
    else spans.push([found, at])
  }
  return cut(text, spans)
}

function cut(text: string, spans: readonly [number, number][]): Piece[] {
  const pieces: Piece[] = []
  let at = 0
  for (const [start, end] of spans) {
    pieces.push({ text: text.slice(at, start), isHit: false }, { text: text.slice(start, end), isHit: true })
    at = end
  }
  pieces.push({ text: text.slice(at), isHit: false })
  return pieces.filter((piece) => piece.text !== '')
}
