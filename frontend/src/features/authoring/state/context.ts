import { useQuery } from '@tanstack/react-query'
import { createContext, use, useSyncExternalStore } from 'react'
import { useStore } from 'zustand'
import { type Flow, flowQuery } from '../../../api/flows'
import type { FlowModel } from '../../../yaml/flow'
import type { FileSession, FileState } from '../../editor/FileSession'
import type { RunStore } from '../run/runStore'
import type { FlowSession, FlowView } from './FlowSession'
import type { PageStore } from './pageStore'

interface Authoring {
  session: FlowSession
  runs: RunStore
  page: PageStore
  /** Why nothing can be changed here, or null. */
  readOnly: string | null
}

export const AuthoringContext = createContext<Authoring | null>(null)

export function useAuthoring(): Authoring {
  const authoring = use(AuthoringContext)
  if (!authoring) throw new Error('A part of the authoring page is used outside of it.')
  return authoring
}

export const useFlowView = (): FlowView => useStore(useAuthoring().session.flow)

const noModel: FlowModel = { type: '', displayName: '', inputs: [], outputs: [], nodes: [] }
export const useModel = (): FlowModel => useStore(useAuthoring().session.flow, (view) => view.model ?? noModel)

/** Whether the flow is made of nodes, or is one function, class or prompt. */
export const useKind = (): Flow['kind'] => useStore(useAuthoring().session.opened, (opened) => opened.kind)

export const useFileState = (file: FileSession): FileState => useStore(file.state)

export function useFileText(file: FileSession): string {
  return useSyncExternalStore(
    (listener) => file.document.subscribe(listener),
    () => file.document.text,
  )
}

/** What the studio reads out of the flow's files. */
export function useFlowInfo(): Flow | undefined {
  return useQuery({ ...flowQuery(useAuthoring().session.address), placeholderData: (previous) => previous }).data
}
