import { useCallback, useEffect, useRef, useState } from 'react'
import { ApiError } from '../../api/errors'
import { useEvents } from '../../api/events'
import { type FileContent, readContent, writeContent } from '../../api/files'
import { parentPath } from '../../lib/paths'

export type SaveState = 'saved' | 'unsaved' | 'saving' | 'conflict' | 'failed'

export interface TextFile {
  content: FileContent | null
  text: string
  state: SaveState
  error: unknown
  change: (text: string) => void
  save: () => Promise<void>
  /** After a conflict: what is on disk now, or mine over it. */
  takeTheirs: () => Promise<void>
  keepMine: () => Promise<void>
  reload: () => Promise<void>
}

const saveAfter = 700

/** A text file that saves itself, never over somebody else's change. */
export function useTextFile(path: string): TextFile {
  const [content, setContent] = useState<FileContent | null>(null)
  const [text, setText] = useState('')
  const [state, setState] = useState<SaveState>('saved')
  const [error, setError] = useState<unknown>(null)
  // What the timers and events below need to see as it is now, not as it was when they were made.
  const now = useRef({ text: '', saved: '', etag: '', isSaving: false, isConflict: false })
  const timer = useRef<ReturnType<typeof setTimeout>>(undefined)

  const read = useCallback(
    async (force: boolean) => {
      try {
        const found = await readContent(path)
        const isClean = now.current.text === now.current.saved
        if (!force && (!isClean || now.current.isSaving || found.etag === now.current.etag)) return
        now.current = { text: found.text, saved: found.text, etag: found.etag, isSaving: false, isConflict: false }
        setContent(found)
        setText(found.text)
        setState('saved')
        setError(null)
      } catch (problem) {
        setError(problem)
      }
    },
    [path],
  )

  const save = useCallback(async () => {
    clearTimeout(timer.current)
    const file = now.current
    if (file.isSaving || file.isConflict || file.text === file.saved) return
    file.isSaving = true
    const sent = file.text
    setState('saving')
    try {
      file.etag = await writeContent(path, sent, file.etag)
      file.saved = sent
      setError(null)
      setState(file.text === sent ? 'saved' : 'unsaved')
    } catch (problem) {
      const isStale = problem instanceof ApiError && problem.status === 412
      file.isConflict = isStale
      setError(problem)
      setState(isStale ? 'conflict' : 'failed')
    } finally {
      file.isSaving = false
    }
    if (file.text !== sent && !file.isConflict) timer.current = setTimeout(() => void save(), saveAfter)
  }, [path])

  useEffect(() => {
    void read(true)
    return () => void save() // Leaving the file keeps what was typed.
  }, [read, save])

  useEffect(() => {
    const warn = (event: BeforeUnloadEvent) => {
      if (now.current.text === now.current.saved) return
      void save()
      event.preventDefault()
    }
    addEventListener('beforeunload', warn)
    return () => removeEventListener('beforeunload', warn)
  }, [save])

  useEvents([parentPath(path)], (event) => {
    if (event.type === 'rescan' || event.changes.some((change) => change.path === path)) void read(false)
  })

  const change = (next: string) => {
    now.current.text = next
    setText(next)
    if (now.current.isConflict) return
    setState('unsaved')
    clearTimeout(timer.current)
    timer.current = setTimeout(() => void save(), saveAfter)
  }

  const keepMine = async () => {
    const { etag } = await readContent(path)
    now.current = { ...now.current, etag, isConflict: false }
    await save()
  }

  const reload = () => read(true)
  return { content, text, state, error, change, save, takeTheirs: reload, keepMine, reload }
}
