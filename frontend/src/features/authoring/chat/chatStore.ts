import { create } from 'zustand'
import type { Json } from '../../../yaml/scalars'

/** One question and its answer. */
export interface Turn {
  id: number
  question: string
  /** Images that were sent along. */
  images: Json[]
  /** What the history passes on. */
  inputs: Record<string, Json>
  outputs: Record<string, Json> | null
  /** With an error, what came before it. */
  answer: string | null
  /** The whole output, where images may be in it. */
  shown: Json | null
  error: string | null
  runId: number | null
}

interface ChatState {
  turns: Record<string, Turn[]>
  set: (path: string, change: (turns: Turn[]) => Turn[]) => void
}

/** The conversations of this visit, one per flow. */
export const useChats = create<ChatState>((set) => ({
  turns: {},
  set: (path, change) => set(({ turns }) => ({ turns: { ...turns, [path]: change(turns[path] ?? []) } })),
}))

/** The history as a flow with nodes gets it: turns that were answered. */
export function historyOf(turns: readonly Turn[], without: readonly string[]): Json[] {
  return turns.flatMap(({ inputs, outputs }) => {
    if (!outputs) return []
    const kept = Object.fromEntries(Object.entries(inputs).filter(([name]) => !without.includes(name)))
    return [{ inputs: kept, outputs }]
  })
}

/** The history as flex flows and prompties get it: messages, each with its role. */
export function messagesOf(turns: readonly Turn[], input: string, output: string): Json[] {
  return turns.flatMap(({ inputs, outputs }) => {
    if (!outputs) return []
    return [
      { role: 'user', content: inputs[input] ?? '' },
      { role: 'assistant', content: outputs[output] ?? '' },
    ]
  })
}
