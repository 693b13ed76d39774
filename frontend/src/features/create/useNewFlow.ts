import { useMutation } from '@tanstack/react-query'
import { useEffect, useRef, useState } from 'react'
import { createFlow, type FlowItem } from '../../api/flows'
import type { GalleryEntry } from '../../api/gallery'
import { importFlow } from '../../api/import'
import { formatBytes } from '../../lib/format'
import { type Choice, choiceOf, flowNameProblem, suggestion, takenNames } from './choice'

interface NewFlowOf {
  from: string
  flows: readonly FlowItem[]
  root: string
  gallery: readonly GalleryEntry[]
  onCreated: (path: string) => void
}

const nothingChosen = 'Choose what the flow starts from.'

/** A flow before there is one: what it starts from, its name, and making it. */
export function useNewFlow({ from, flows, root, gallery, onCreated }: NewFlowOf) {
  const [picked, setPicked] = useState<Choice | null>(null)
  const [typedName, setTypedName] = useState<string | null>(null)
  const [sent, setSent] = useState<string | null>(null)
  const abort = useRef<AbortController | null>(null)
  useEffect(() => () => abort.current?.abort(), [])

  const choice = picked ?? choiceOf(from, gallery)
  const taken = takenNames(flows, root)
  const name = typedName ?? suggestion(choice, taken)
  const nameProblem = name === '' && typedName === null ? null : flowNameProblem(name, taken)

  const create = useMutation({
    mutationFn: async () => {
      if (choice.from === 'type') return createFlow({ name, type: choice.type })
      if (choice.from === 'gallery') return createFlow({ name, template: choice.name })
      if (choice.from === 'nothing') throw new Error(nothingChosen)
      abort.current = new AbortController()
      const imported = await importFlow(choice.files, name, {
        signal: abort.current.signal,
        onProgress: ({ sent: bytes, total }) => setSent(`${formatBytes(bytes)} of ${formatBytes(total)}`),
      })
      return imported.path
    },
    onSuccess: onCreated,
    onSettled: () => setSent(null),
  })
  const reason = choice.from === 'nothing' ? nothingChosen : nameProblem

  return {
    choice,
    choose: (next: Choice) => {
      setPicked(next)
      create.reset()
    },
    name,
    setName: setTypedName,
    nameProblem,
    /** Why it cannot be made yet. */
    reason,
    /** How much of an upload has been sent. */
    sent,
    isPending: create.isPending,
    error: create.error,
    create: () => {
      if (!reason && name !== '' && !create.isPending) create.mutate()
    },
  }
}

export type NewFlow = ReturnType<typeof useNewFlow>
