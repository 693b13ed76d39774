import { IconKey, IconSearch, IconShield, IconSparkles } from '@tabler/icons-react'
import { type NodeKind, TintedIcon } from '../../components/Kind'

const looks: Record<string, { icon: typeof IconKey; kind: NodeKind }> = {
  azure_open_ai: { icon: IconSparkles, kind: 'llm' },
  open_ai: { icon: IconSparkles, kind: 'llm' },
  serverless: { icon: IconSparkles, kind: 'llm' },
  azure_ai_services: { icon: IconSparkles, kind: 'llm' },
  cognitive_search: { icon: IconSearch, kind: 'tool' },
  serp: { icon: IconSearch, kind: 'tool' },
  azure_content_safety: { icon: IconShield, kind: 'tool' },
}

/** The hue of a type of connection: model servers look like the nodes that use them. */
export function connectionKind(type: string): NodeKind {
  return looks[type]?.kind ?? 'io'
}

export function ConnectionIcon({ type }: { type: string }) {
  const { icon: Icon, kind } = looks[type] ?? { icon: IconKey, kind: 'io' as const }
  return (
    <TintedIcon kind={kind}>
      <Icon size={14} stroke={1.5} aria-hidden />
    </TintedIcon>
  )
}
