import { useSyncExternalStore } from 'react'

const everyMilliseconds = 30_000
let now = new Date()
const listeners = new Set<() => void>()
let timer: ReturnType<typeof setInterval> | undefined

function subscribe(listener: () => void): () => void {
  listeners.add(listener)
  timer ??= setInterval(() => {
    now = new Date()
    for (const each of listeners) each()
  }, everyMilliseconds)
  return () => {
    listeners.delete(listener)
    if (listeners.size === 0) {
      clearInterval(timer)
      timer = undefined
    }
  }
}

/** The time, renewed every half minute, one clock for the page. */
export function useNow(): Date {
  return useSyncExternalStore(subscribe, () => now)
}
