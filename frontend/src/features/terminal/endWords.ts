import type { EndReason } from './connection'

/** Why a terminal is over, in a sentence. */
export function endWords(reason: EndReason, detail: string | null): string {
  const words: Partial<Record<EndReason, string>> = {
    exited: 'The shell has ended.',
    closed: 'This terminal was ended.',
    admin: 'An admin has ended this terminal.',
    off: 'An admin has switched terminals off.',
    idle: 'This terminal has ended: nothing was typed or printed for a long time.',
    signed_out: 'This terminal has ended with the session that opened it.',
    taken: 'This terminal is shown on another page now.',
    gone: 'This terminal has ended while the page was away.',
  }
  return words[reason] ?? detail ?? 'This terminal has ended.'
}
