/** One replacement in a text. Offsets refer to the text before any of the edits of the same list. */
export interface TextEdit {
  from: number
  to: number
  insert: string
}

/** The text after all edits; they must not overlap. Edits at one place apply in the order of the list. */
export function applyEdits(text: string, edits: readonly TextEdit[]): string {
  let result = ''
  let position = 0
  for (const edit of sortEdits(edits)) {
    if (edit.from < position) throw new RangeError('Edits overlap.')
    result += text.slice(position, edit.from) + edit.insert
    position = edit.to
  }
  return result + text.slice(position)
}

export function sortEdits(edits: readonly TextEdit[]): TextEdit[] {
  return edits
    .map((edit, index) => ({ edit, index }))
    .sort((a, b) => a.edit.from - b.edit.from || a.index - b.index)
    .map(({ edit }) => edit)
}
