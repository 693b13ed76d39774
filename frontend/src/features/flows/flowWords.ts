import type { FlowItem } from '../../api/flows'
import { type FlowType, flowType, flowTypes } from '../../components/Kind'

/** What a flow is called in the column and the filter: flex flows and prompties are told apart from those with nodes. */
export function typeTitle({ kind, type }: Pick<FlowItem, 'kind' | 'type'>): string {
  return kind === 'dag' ? flowType(type).title : kindTitles[kind]
}

const kindTitles = { flex: 'Flex', prompty: 'Prompty' } as const

export const typeTitles: readonly string[] = [
  ...(Object.keys(flowTypes) as FlowType[]).map((type) => flowTypes[type].title),
  ...Object.values(kindTitles),
]

/** The folders between the owner's `promptflow` and the flow, as `folder/`; empty for most flows. */
export function folderOf({ path }: Pick<FlowItem, 'path'>): string {
  return path
    .split('/')
    .slice(3, -1)
    .map((folder) => `${folder}/`)
    .join('')
}
