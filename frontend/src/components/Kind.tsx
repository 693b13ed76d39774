import {
  IconAlignLeft,
  IconArrowsRightLeft,
  IconCode,
  IconFlask,
  IconMessage,
  IconSparkles,
  IconTool,
} from '@tabler/icons-react'
import type { ReactNode } from 'react'
import { FlowIcon } from './FlowIcon'
import styles from './Kind.module.css'

/** What a node is, for its hue and icon. Inputs and outputs are `io`. */
export type NodeKind = 'python' | 'llm' | 'prompt' | 'tool' | 'io'

const nodeIcons = {
  python: IconCode,
  llm: IconSparkles,
  prompt: IconAlignLeft,
  tool: IconTool,
  io: IconArrowsRightLeft,
}

/** The kind of a node by its `type` in the flow file; every packaged tool has the same hue. */
export function nodeKind(type: string | null | undefined): NodeKind {
  return type === 'python' || type === 'llm' || type === 'prompt' ? type : 'tool'
}

export function KindIcon({ kind }: { kind: NodeKind }) {
  const Icon = nodeIcons[kind]
  return (
    <span className={styles.icon} data-kind={kind}>
      <Icon size={14} stroke={1.5} aria-hidden />
    </span>
  )
}

export function KindBadge({ kind, children }: { kind: NodeKind; children?: ReactNode }) {
  return (
    <span className={styles.badge} data-kind={kind}>
      {children ?? kind}
    </span>
  )
}

export const flowTypes = {
  standard: { title: 'Standard', kind: 'python', icon: FlowIcon, about: 'Inputs in, outputs out. The everyday kind.' },
  chat: { title: 'Chat', kind: 'llm', icon: IconMessage, about: 'Keeps a history and streams answers.' },
  evaluation: { title: 'Evaluation', kind: 'tool', icon: IconFlask, about: 'Scores another run and logs metrics.' },
} as const satisfies Record<
  string,
  { title: string; kind: NodeKind; icon: typeof IconFlask | typeof FlowIcon; about: string }
>

export type FlowType = keyof typeof flowTypes

/** The title, hue and icon of a flow's `type`; a type not known here looks like a standard flow. */
export function flowType(type: string | null | undefined) {
  return type && type in flowTypes ? flowTypes[type as FlowType] : flowTypes.standard
}

export function FlowTypeIcon({ type }: { type: string | null | undefined }) {
  const { icon: Icon, kind } = flowType(type)
  return (
    <span className={styles.icon} data-kind={kind}>
      <Icon size={14} stroke={1.5} aria-hidden />
    </span>
  )
}

/** A small icon on the surface of a hue, for what is no node and no flow. */
export function TintedIcon({ kind, children }: { kind: NodeKind; children: ReactNode }) {
  return (
    <span className={styles.icon} data-kind={kind}>
      {children}
    </span>
  )
}
