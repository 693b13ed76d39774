import { useState } from 'react'
import { useStore } from 'zustand'
import { Card } from '../../../components/Card'
import { KindIcon, nodeKind } from '../../../components/Kind'
import { Note } from '../../../components/Note'
import { classes } from '../../../lib/classes'
import type { FlowNode, NodeBody } from '../../../yaml/flow'
import { plainError } from '../run/types'
import { useRun } from '../run/useRun'
import { useAuthoring } from '../state/context'
import { sameFile } from '../useFileMarkers'
import { useCard } from './CardSection'
import styles from './cards.module.css'
import { NodeEditor } from './NodeEditor'
import { NodeHeader } from './NodeHeader'
import { NodeSide } from './NodeSide'
import { VariantList } from './VariantList'

/** A node of the flow: its text, what feeds it, and what it did last. */
export function NodeCard({ node, count }: { node: FlowNode; count: number }) {
  const { page, runs } = useAuthoring()
  const { ref, isSelected, select } = useCard(node.name)
  const isFolded = useStore(page, ({ collapsed }) => collapsed.has(node.name))
  const state = useStore(runs.view, (view) => view.nodes[node.name])
  const [shownId, setShown] = useState<string | null>(null)
  const shown = node.variants.find((variant) => variant.id === shownId)
  const body = shown?.body ?? node.body
  const variant = shown?.id ?? (node.variants.length > 0 ? (node.defaultVariant ?? node.variants[0]?.id ?? null) : null)
  const run = useRun()
  const runNode = () => void run.node(node, node.variants.length > 0 ? (variant ?? undefined) : undefined)
  const { error } = state?.result ?? {}
  const isElsewhere = error && !(error.line && sameFile(error.file, body.sourcePath))
  return (
    <Card
      as="section"
      ref={ref}
      aria-label={node.name}
      data-node={node.name}
      className={classes(styles.card, isSelected && styles.selected, state?.status === 'failed' && styles.failed)}
      onPointerDownCapture={select}
      onFocusCapture={select}
    >
      <NodeHeader
        node={node}
        body={body}
        state={state}
        isFolded={isFolded}
        count={count}
        onRun={runNode}
        icon={<KindIcon kind={nodeKind(body.type)} />}
      />
      {!isFolded && (
        <>
          {isElsewhere && (
            <Note tone="danger" bar>
              <strong className="medium">{plainError(error).type} </strong>
              {plainError(error).message}
            </Note>
          )}
          <div className={styles.body}>
            <NodeText node={node.name} body={body} onRun={runNode} />
            <NodeSide node={node} body={body} variant={variant} />
          </div>
          {node.variants.length > 0 && <VariantList node={node} shown={variant} onShow={setShown} />}
        </>
      )}
    </Card>
  )
}

function NodeText({ node, body, onRun }: { node: string; body: NodeBody; onRun: () => void }) {
  if (body.sourcePath === '') {
    return (
      <p className={styles.fileNote}>
        {body.tool === '' ? 'This node names no source file.' : `A tool from a package: ${body.tool}`}
      </p>
    )
  }
  return <NodeEditor key={body.sourcePath} node={node} path={body.sourcePath} kind={body.type} onRun={onRun} />
}
