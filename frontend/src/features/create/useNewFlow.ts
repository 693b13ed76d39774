import { useMutation } from '@tanstack/react-query'
import { useEffect, useRef, useState } from 'react'
import { ApiError } from '../../api/errors'
import { createFlow, type FlowItem } from '../../api/flows'
import type { GalleryEntry } from '../../api/gallery'
import { type ImportedFlow, importFlow, importRepository } from '../../api/import'
import { type Choice, choiceOf, choiceProblem, flowNameProblem, suggestion, takenNames } from './choice'
import { type ImportStep, stepOfRepository, stepOfUpload } from './steps'

interface NewFlowOf {
  from: string
  flows: readonly FlowItem[]
  root: string
  gallery: readonly GalleryEntry[]
  /** `imported` where it came from elsewhere, with what is to be known about it. */
  onCreated: (path: string, imported: ImportedFlow | null) => void
}

/** A flow before there is one: what it starts from, its name, and making it. */
export function useNewFlow({ from, flows, root, gallery, onCreated }: NewFlowOf) {
  const [picked, setPicked] = useState<Choice | null>(null)
  const [typedName, setTypedName] = useState<string | null>(null)
  const making = useMaking(onCreated)

  const choice = picked ?? choiceOf(from, gallery)
  const taken = takenNames(flows, root)
  const name = typedName ?? suggestion(choice, taken)
  const nameProblem = name === '' && typedName === null ? null : flowNameProblem(name, taken)
  const reason = choiceProblem(choice) ?? nameProblem

  function create(called = name) {
    if (called === '' || making.isPending || choiceProblem(choice)) return
    making.make(choice, called)
  }

  return {
    ...making,
    choice,
    choose: (next: Choice) => {
      setPicked(next)
      making.reset()
    },
    name,
    setName: (next: string) => {
      setTypedName(next)
      making.reset()
    },
    nameProblem,
    /** Why it cannot be made yet. */
    reason,
    create: () => {
      if (!reason) create()
    },
    /** Takes the name that the studio proposes, and goes on with it. */
    acceptProposal: () => {
      if (making.proposal === null) return
      setTypedName(making.proposal)
      create(making.proposal)
    },
  }
}

/** Making the flow, which for one from elsewhere takes a while and can be canceled. */
function useMaking(onCreated: NewFlowOf['onCreated']) {
  const [step, setStep] = useState<ImportStep | null>(null)
  const abort = useRef<AbortController | null>(null)
  useEffect(() => () => abort.current?.abort(), [])
  const making = useMutation({
    mutationFn: ({ choice, name }: { choice: Choice; name: string }) => {
      abort.current = new AbortController()
      return makeFlow(choice, name, { signal: abort.current.signal, onStep: setStep })
    },
    onSuccess: ({ path, imported }) => onCreated(path, imported),
    onSettled: () => setStep(null),
  })
  const isCanceled = making.error instanceof DOMException && making.error.name === 'AbortError'
  const isTaken = making.error instanceof ApiError && making.error.code === 'flow_name_taken'
  const proposal = making.error instanceof ApiError ? making.error.problem.proposal : null
  return {
    make: (choice: Choice, name: string) => making.mutate({ choice, name }),
    reset: making.reset,
    cancel: () => abort.current?.abort(),
    step,
    isPending: making.isPending,
    error: isCanceled ? null : making.error,
    /** A name that is free, where the chosen one is not. */
    proposal: isTaken && typeof proposal === 'string' ? proposal : null,
  }
}

interface MakeOptions {
  signal: AbortSignal
  onStep: (step: ImportStep) => void
}

async function makeFlow(choice: Choice, name: string, { signal, onStep }: MakeOptions) {
  if (choice.from === 'upload') {
    const { files } = choice
    const imported = await importFlow(files, name, { signal, onProgress: (sent) => onStep(stepOfUpload(sent)) })
    return { path: imported.path, imported }
  }
  if (choice.from === 'git') {
    const { url, branch, folder } = choice
    const source = { url: url.trim(), branch: branch.trim() || null, folder: folder.trim() || null, name }
    const imported = await importRepository(source, { signal, onProgress: (at) => onStep(stepOfRepository(at)) })
    return { path: imported.path, imported }
  }
  if (choice.from === 'nothing') throw new Error(choiceProblem(choice) ?? '')
  const start = choice.from === 'type' ? { type: choice.type } : { template: choice.name }
  return { path: await createFlow({ name, ...start }), imported: null }
}

export type NewFlow = ReturnType<typeof useNewFlow>
