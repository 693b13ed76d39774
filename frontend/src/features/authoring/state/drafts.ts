import { remember, remembered } from '../../../lib/storage'

/** Text that is not on disk yet, kept in this browser until it is. */
export interface Draft {
  /** What the file said when the edits began. */
  base: string
  text: string
}

const key = 'drafts'
const mostCharacters = 1_000_000

type Drafts = Record<string, Draft>

export function keepDraft(path: string, draft: Draft): void {
  if (draft.text.length + draft.base.length > mostCharacters) return
  remember(key, { ...remembered<Drafts>(key, {}), [path]: draft })
}

export const draftOf = (path: string): Draft | null => remembered<Drafts>(key, {})[path] ?? null

/** Forget a draft; only the one with this text, so that another window's stays. */
export function dropDraft(path: string, text?: string): void {
  const { [path]: draft, ...others } = remembered<Drafts>(key, {})
  if (draft && (text === undefined || draft.text === text)) remember(key, others)
}
