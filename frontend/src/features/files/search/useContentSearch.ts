import { useEffect, useRef, useState } from 'react'
import { type FoundFile, type SearchEnd, type SearchQuery, searchContent } from './contentSearch'

export interface SearchState {
  files: readonly FoundFile[]
  matches: number
  isRunning: boolean
  /** Null while it runs, or when the person stopped it. */
  end: SearchEnd | null
  isStopped: boolean
  error: unknown
}

const nothing: SearchState = { files: [], matches: 0, isRunning: false, end: null, isStopped: false, error: null }
const startAfter = 350
const showEvery = 100

/** Searches when the query has rested for a moment, and ends the search that a newer one makes useless. */
export function useContentSearch(query: SearchQuery) {
  const [state, setState] = useState(nothing)
  const running = useRef<AbortController | null>(null)
  const key = JSON.stringify(query)

  useEffect(() => {
    const asked = JSON.parse(key) as SearchQuery
    if (asked.text === '') {
      setState(nothing)
      return
    }
    const abort = new AbortController()
    running.current = abort
    const timer = setTimeout(() => {
      if (!abort.signal.aborted) void run(asked, abort.signal, setState)
    }, startAfter)
    return () => {
      clearTimeout(timer)
      abort.abort()
    }
  }, [key])

  const stop = () => {
    running.current?.abort()
    setState((now) => ({ ...now, isRunning: false, isStopped: true }))
  }
  return { ...state, stop }
}

async function run(query: SearchQuery, signal: AbortSignal, show: (state: SearchState) => void): Promise<void> {
  const files: FoundFile[] = []
  let matches = 0
  let shownAt = 0
  show({ ...nothing, isRunning: true })
  try {
    const end = await searchContent(query, signal, (file) => {
      if (signal.aborted) return
      files.push(file)
      matches += file.matches.length
      if (performance.now() - shownAt < showEvery) return
      shownAt = performance.now()
      show({ ...nothing, files: [...files], matches, isRunning: true })
    })
    if (!signal.aborted) show({ ...nothing, files, matches, end })
  } catch (error) {
    if (!signal.aborted) show({ ...nothing, files, matches, error })
  }
}
