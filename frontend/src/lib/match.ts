/** Whether every word of `query` occurs in `text`, whatever the case and accents. */
export function matches(query: string, text: string): boolean {
  const haystack = plain(text)
  return plain(query)
    .split(/\s+/)
    .every((word) => haystack.includes(word))
}

function plain(text: string): string {
  return text.normalize('NFD').replace(/\p{M}/gu, '').toLowerCase()
}
