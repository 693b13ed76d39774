import { useEffect, useId } from 'react'
import { create } from 'zustand'
import { remembered } from '../lib/storage'

/** Something the person can do here: from the palette, by its key, and in the list of keys. */
export interface Command {
  id: string
  label: string
  /** Like `Ctrl+Enter`, `?` or `N`. On a Mac, Ctrl is the command key. */
  keys?: string
  /** Heading in the palette and in the list of keys. */
  group: string
  run: () => void
  /** Only in the list of keys: whoever has the focus handles the key. */
  listedOnly?: boolean
}

interface CommandState {
  sources: Map<string, readonly Command[]>
}

const useCommandStore = create<CommandState>(() => ({ sources: new Map() }))

function setSource(id: string, commands: readonly Command[] | null): void {
  useCommandStore.setState(({ sources }) => {
    const next = new Map(sources)
    if (commands) next.set(id, commands)
    else next.delete(id)
    return { sources: next }
  })
}

/** Offers commands while the component is on the page. Keep the array stable (`useMemo`). */
export function useCommands(commands: readonly Command[]): void {
  const id = useId()
  useEffect(() => {
    setSource(id, commands)
    return () => setSource(id, null)
  }, [id, commands])
}

export function useAllCommands(): Command[] {
  const sources = useCommandStore((state) => state.sources)
  return [...sources.values()].flat()
}

export const singleKeysSetting = 'single-keys'

export function matchesKeys(keys: string, event: KeyboardEvent): boolean {
  const parts = keys.split('+')
  const key = parts.at(-1) ?? ''
  const isModified = event.ctrlKey || event.metaKey
  if (parts.includes('Ctrl') !== isModified || parts.includes('Alt') !== event.altKey) return false
  if (key.length > 1 || isModified) {
    return event.key.toLowerCase() === key.toLowerCase() && parts.includes('Shift') === event.shiftKey
  }
  return event.key.toLowerCase() === key.toLowerCase()
}

function isTyping(target: EventTarget | null): boolean {
  if (!(target instanceof HTMLElement)) return false
  return target.isContentEditable || /^(INPUT|TEXTAREA|SELECT)$/.test(target.tagName)
}

/** Runs the command of a key. Keys without Ctrl or Alt wait until nobody is typing, and can be switched off. */
export function handleCommandKey(event: KeyboardEvent): void {
  if (event.defaultPrevented) return
  const isPlain = !event.ctrlKey && !event.metaKey && !event.altKey && event.key.length === 1
  if (isPlain && (isTyping(event.target) || isInDialogOrTree(event.target) || !remembered(singleKeysSetting, true)))
    return
  for (const commands of [...useCommandStore.getState().sources.values()].reverse()) {
    const command = commands.find((each) => each.keys && !each.listedOnly && matchesKeys(each.keys, event))
    if (command) {
      event.preventDefault()
      command.run()
      return
    }
  }
}

function isInDialogOrTree(target: EventTarget | null): boolean {
  return target instanceof Element && target.closest('[role="dialog"], [role="tree"], [role="menu"]') !== null
}
