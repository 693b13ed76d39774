import { useQuery } from '@tanstack/react-query'
import { useMemo } from 'react'
import { send } from '../../api/client'
import { gitKeys } from '../../api/git'
import { encodePath, joinPath } from '../../lib/paths'
import { type FlowModel, parseFlowDocument } from '../../yaml/flow'
import type { DiffPart } from './groups'
import type { ChangesSearch } from './place'
import { flowDiffQuery, type GitFlowDiff, gitDiffQuery } from './requests'

export interface Compared {
  parts: DiffPart[]
  /** What it means for the flow. */
  flow: GitFlowDiff | undefined
  /** The flow as the later side has it. */
  model: FlowModel | null
  isPending: boolean
  isAll: boolean
  error: unknown
  retry: () => void
}

/** Both sides of what is compared: what is staged and what is not, or two versions. */
export function useCompared(path: string, { from, to }: ChangesSearch, isFlow: boolean): Compared {
  const isIndex = !from && !to
  const sides = { ...(from ? { from } : {}), ...(to ? { to } : {}) }
  const staged = useQuery({ ...gitDiffQuery(path, { staged: true }), enabled: isIndex })
  const rest = useQuery(gitDiffQuery(path, isIndex ? { staged: false } : sides))
  const flow = useQuery({ ...flowDiffQuery(path, sides), enabled: isFlow })
  const model = useLaterModel(path, to, isFlow, flow.data?.flow_file)
  const parts = useMemo(
    (): DiffPart[] =>
      isIndex
        ? [
            { files: staged.data?.files ?? [], isStaged: true },
            { files: rest.data?.files ?? [], isStaged: false },
          ]
        : [{ files: rest.data?.files ?? [], isStaged: null }],
    [isIndex, staged.data, rest.data],
  )
  return {
    parts,
    flow: flow.data,
    model,
    isPending: rest.isPending || (isIndex && staged.isPending),
    isAll: (rest.data?.is_all ?? true) && (staged.data?.is_all ?? true),
    error: rest.error ?? (isIndex ? staged.error : null),
    retry: () => {
      void rest.refetch()
      if (isIndex) void staged.refetch()
    },
  }
}

function useLaterModel(
  path: string,
  to: string | undefined,
  isFlow: boolean,
  known: string | undefined,
): FlowModel | null {
  const file = joinPath(path, known ?? 'flow.dag.yaml')
  const { data: text } = useQuery({
    queryKey: [...gitKeys.all, 'flow-text', file, to ?? null],
    queryFn: async ({ signal }) => {
      const from = to
        ? `/api/git/content/${encodePath(file)}?commit=${encodeURIComponent(to)}`
        : `/api/content/${encodePath(file)}`
      return (await send(from, { signal })).text()
    },
    enabled: isFlow,
    retry: false,
    staleTime: 2_000,
  })
  return useMemo(() => (text === undefined ? null : parseFlowDocument(text).model), [text])
}
