import { useEffect, useMemo, useRef, useState, useSyncExternalStore } from 'react'
import type { MergePart } from './merge'
import { type Choice, type Choices, carryOver, compose, keyOf, openConflicts } from './mergeChoices'
import { TextDocument } from './TextDocument'

/** What was decided of the stretches of a merge, and the text that this makes. */
export function useMergeParts(parts: readonly MergePart[]) {
  const [choices, setChoices] = useState<Choices>(new Map())
  const { result, composed } = useResult(parts, choices)
  const text = useSyncExternalStore(
    (listener) => result.subscribe(listener),
    () => result.text,
  )
  const open = useMemo(() => openConflicts(composed, choices, text), [composed, choices, text])
  return {
    parts,
    choices,
    result,
    open,
    total: composed.places.size,
    choose: (part: MergePart, choice: Choice) => setChoices((before) => new Map(before).set(keyOf(part), choice)),
  }
}

/** The document of the result. It follows the choices and the other side, and keeps what was typed into it. */
function useResult(parts: readonly MergePart[], choices: Choices) {
  const composed = useMemo(() => compose(parts, choices), [parts, choices])
  const [result] = useState(() => new TextDocument(composed.text))
  const before = useRef(composed.text)
  useEffect(() => {
    const next = carryOver(before.current, result.text, composed.text)
    before.current = composed.text
    result.replace(next, 'person')
  }, [result, composed])
  return { result, composed }
}
