import { IconAlertTriangle, IconLogin2, IconLogout, IconPlayerSkipForward } from '@tabler/icons-react'
import { memo } from 'react'
import { useStore } from 'zustand'
import { useGitView } from '../../../api/git'
import { KindIcon, nodeKind } from '../../../components/Kind'
import { NodeMark } from '../../../components/Mark'
import { StatusIcon } from '../../../components/Status'
import type { GraphNode } from '../../../graph/flowGraph'
import { classes } from '../../../lib/classes'
import { useAuthoring } from '../state/context'
import { selectCard } from '../state/pageStore'
import { durationText } from '../values'
import styles from './graph.module.css'

/** A node of the graph, or one of its two ends. A click goes to its card. */
export const GraphNodeView = memo(function GraphNodeView({ item, isBad }: { item: GraphNode; isBad: boolean }) {
  const { page } = useAuthoring()
  const isSelected = useStore(page, ({ selected }) => selected === item.name)
  if (item.role === 'node') return <ToolNode item={item} isBad={isBad} isSelected={isSelected} />
  const Icon = item.role === 'inputs' ? IconLogin2 : IconLogout
  return (
    <button
      type="button"
      className={classes(styles.pill, isSelected && styles.selected)}
      onClick={() => selectCard(page, item.name)}
    >
      <Icon size={14} stroke={1.5} aria-hidden />
      {item.name}
    </button>
  )
})

function ToolNode({ item, isBad, isSelected }: { item: GraphNode; isBad: boolean; isSelected: boolean }) {
  const { page, runs } = useAuthoring()
  const state = useStore(runs.view, (view) => view.nodes[item.name])
  const change = useGitView(({ nodes }) => nodes.get(item.name)?.tone)
  const seconds = state?.result?.duration
  const hasTime = state?.status === 'completed' && typeof seconds === 'number'
  return (
    <button
      type="button"
      data-kind={nodeKind(item.type)}
      data-change={change}
      className={classes(
        styles.node,
        item.hasVariants && styles.stacked,
        isSelected && styles.selected,
        (state?.status === 'failed' || isBad) && styles.bad,
        state?.status === 'bypassed' && styles.dim,
      )}
      onClick={() => selectCard(page, item.name)}
    >
      <KindIcon kind={nodeKind(item.type)} />
      <span className="truncate">{item.name}</span>
      <span className={styles.end}>
        <NodeMark name={item.name} />
        {item.isConditional && <IconPlayerSkipForward size={14} stroke={1.5} aria-label="Conditional" role="img" />}
        {isBad && (
          <IconAlertTriangle size={14} stroke={1.5} aria-label="Has a problem" role="img" className={styles.warn} />
        )}
        {hasTime && durationText(seconds)}
        {state && state.status !== 'not-run' && <StatusIcon status={state.status} />}
      </span>
    </button>
  )
}
