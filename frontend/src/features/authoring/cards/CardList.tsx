import { useStore } from 'zustand'
import { EmptyState } from '../../../components/EmptyState'
import type { FlowNode } from '../../../yaml/flow'
import { AuthoringContext, useAuthoring, useFlowView, useModel } from '../state/context'
import styles from './cards.module.css'
import { FlowInputsCard } from './FlowInputsCard'
import { FlowOutputsCard } from './FlowOutputsCard'
import { NodeCard } from './NodeCard'

/** The flow as cards: what goes in, what comes out, and its nodes in order. */
export function CardList({ isHidden }: { isHidden: boolean }) {
  const authoring = useAuthoring()
  const model = useModel()
  const { isStale } = useFlowView()
  const flowFile = useStore(authoring.session.opened, (opened) => opened.flowFile)
  // While the file cannot be read, a card edit could not be put into it.
  const readOnly = authoring.readOnly ?? (isStale ? `${flowFile} has a syntax error. Mend it first.` : null)
  return (
    <AuthoringContext value={{ ...authoring, readOnly }}>
      {/* biome-ignore lint/a11y/noNoninteractiveTabindex: what scrolls must be reachable by keyboard. */}
      <section className={styles.list} hidden={isHidden} tabIndex={0} aria-label="Cards">
        <div className={styles.ends}>
          <FlowInputsCard />
          <FlowOutputsCard />
        </div>
        {model.nodes.map((node) => (
          <NodeCard key={keyOf(node, model.nodes)} node={node} count={model.nodes.length} />
        ))}
        {model.nodes.length === 0 && (
          <EmptyState title="The flow has no nodes yet">
            Add one above: an LLM node asks a model, a prompt fills a template, Python does everything else.
          </EmptyState>
        )}
      </section>
    </AuthoringContext>
  )
}

/** Names are unique in a flow that is right, and cards keep their state when they move. */
function keyOf(node: FlowNode, all: readonly FlowNode[]): string {
  return all.find((each) => each.name === node.name) === node ? node.name : `${node.name} ${node.index}`
}
