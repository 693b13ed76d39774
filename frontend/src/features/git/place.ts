/** What the main area shows of a repository; it stands in the address. */
export interface ChangesSearch {
  git?: 'changes' | 'merge' | undefined
  /** The older side, a branch or commit; without it and `to`, what is staged and what is not. */
  from?: string | undefined
  to?: string | undefined
  /** The file to bring into sight. */
  file?: string | undefined
}

const textOf = (value: unknown): string | undefined => (typeof value === 'string' && value !== '' ? value : undefined)

export const changesSearch = (search: Record<string, unknown>): ChangesSearch => ({
  git: search.git === 'changes' || search.git === 'merge' ? search.git : undefined,
  from: textOf(search.from),
  to: textOf(search.to),
  file: textOf(search.file),
})
