import {
  IconArrowDown,
  IconArrowUp,
  IconChevronDown,
  IconChevronRight,
  IconCopy,
  IconDots,
  IconFocusCentered,
  IconGitBranch,
  IconPencil,
  IconPlayerPlay,
  IconPlayerSkipForward,
  IconSum,
  IconTrash,
} from '@tabler/icons-react'
import { type ReactNode, useState } from 'react'
import { useStore } from 'zustand'
import { Button, IconButton } from '../../../components/Button'
import { Chip, DemoChip } from '../../../components/Chip'
import { KindBadge, nodeKind } from '../../../components/Kind'
import { Menu } from '../../../components/Menu'
import { StatusText } from '../../../components/Status'
import { classes } from '../../../lib/classes'
import { formatCount } from '../../../lib/format'
import type { FlowNode, NodeBody } from '../../../yaml/flow'
import { setNodeField } from '../../../yaml/flowEdits'
import disclosure from '../disclosure.module.css'
import { type NodeState, tokensOf } from '../run/types'
import { useAuthoring, useModel } from '../state/context'
import { useNodeActions } from '../useNodeActions'
import { durationText, valueText } from '../values'
import { CommitField } from './CommitField'
import styles from './cards.module.css'
import { wordProblem } from './FlowInputsCard'

interface NodeHeaderProps {
  node: FlowNode
  body: NodeBody
  state: NodeState | undefined
  isFolded: boolean
  count: number
  onRun: () => void
  icon: ReactNode
}

export function NodeHeader({ node, body, state, isFolded, count, onRun, icon }: NodeHeaderProps) {
  const { session, page, runs, readOnly } = useAuthoring()
  const model = useModel()
  const actions = useNodeActions()
  const isRunning = useStore(runs.view, (view) => view.isRunning)
  const [isRenaming, setRenaming] = useState(false)
  const modelName = body.inputs.find((input) => input.name === 'model' || input.name === 'deployment_name')?.value
  const toggle = () =>
    page.setState(({ collapsed }) => {
      const next = new Set(collapsed)
      if (!next.delete(node.name)) next.add(node.name)
      return { collapsed: next }
    })
  return (
    <header className={`${styles.head} ${isFolded ? '' : styles.open}`}>
      <IconButton
        size="small"
        label={isFolded ? `Unfold ${node.name}` : `Fold ${node.name}`}
        aria-expanded={!isFolded}
        className={classes(styles.fold, disclosure.disclosure)}
        icon={
          isFolded ? (
            <IconChevronRight size={14} stroke={1.5} aria-hidden />
          ) : (
            <IconChevronDown size={14} stroke={1.5} aria-hidden />
          )
        }
        onClick={toggle}
      />
      {icon}
      {isRenaming ? (
        <span className={styles.rename}>
          <CommitField
            label={`Name of node ${node.name}`}
            value={node.name}
            autoFocus
            problem={(text) =>
              wordProblem(
                text,
                model.nodes.map((each) => each.name),
              )
            }
            onCommit={(text) => actions.rename(node, text)}
            onDone={() => setRenaming(false)}
          />
        </span>
      ) : (
        <h2 className={styles.title} title={node.name} onDoubleClick={() => !readOnly && setRenaming(true)}>
          {node.name}
        </h2>
      )}
      <KindBadge kind={nodeKind(body.type)}>{body.type || 'node'}</KindBadge>
      {body.isAggregation && <Chip icon={<IconSum size={12} stroke={1.5} aria-hidden />}>Aggregation</Chip>}
      {body.activate && <Chip icon={<IconPlayerSkipForward size={12} stroke={1.5} aria-hidden />}>Conditional</Chip>}
      {modelName !== undefined && <span className={`${styles.facts} truncate`}>{valueText(modelName)}</span>}
      <span className={styles.end}>
        {body.connection === 'demo' && state?.status === 'completed' && <DemoChip />}
        <NodeStatus state={state} />
        {state?.status === 'failed' ? (
          <Button
            size="small"
            icon={<IconPlayerPlay size={14} stroke={1.5} aria-hidden />}
            disabledReason={isRunning ? 'Something is running.' : null}
            onClick={onRun}
          >
            Run node
          </Button>
        ) : (
          <IconButton
            label="Run node"
            keys="Ctrl+Enter"
            icon={<IconPlayerPlay size={16} stroke={1.5} aria-hidden />}
            disabledReason={isRunning ? 'Something is running.' : null}
            onClick={onRun}
          />
        )}
        <IconButton
          label="Show in graph"
          icon={<IconFocusCentered size={16} stroke={1.5} aria-hidden />}
          onClick={() =>
            page.setState(({ locates }) => ({ selected: node.name, locates: locates + 1, isSideFolded: false }))
          }
        />
        <Menu
          position="bottom-end"
          width={224}
          entries={[
            {
              label: 'Rename',
              icon: <IconPencil size={14} stroke={1.5} aria-hidden />,
              disabledReason: readOnly,
              onSelect: () => setTimeout(() => setRenaming(true)),
            },
            {
              label: 'Duplicate',
              icon: <IconCopy size={14} stroke={1.5} aria-hidden />,
              disabledReason: readOnly,
              onSelect: () => void actions.duplicate(node),
            },
            {
              label: 'Move up',
              icon: <IconArrowUp size={14} stroke={1.5} aria-hidden />,
              disabledReason: readOnly ?? (node.index === 0 ? 'It is the first.' : null),
              onSelect: () => actions.move(node, 'up'),
            },
            {
              label: 'Move down',
              icon: <IconArrowDown size={14} stroke={1.5} aria-hidden />,
              disabledReason: readOnly ?? (node.index >= count - 1 ? 'It is the last.' : null),
              onSelect: () => actions.move(node, 'down'),
            },
            'line',
            body.type === 'llm' && {
              label: 'Add variant',
              icon: <IconGitBranch size={14} stroke={1.5} aria-hidden />,
              disabledReason: readOnly,
              onSelect: () => void actions.addVariant(node),
            },
            !body.activate && {
              label: 'Run only when…',
              icon: <IconPlayerSkipForward size={14} stroke={1.5} aria-hidden />,
              disabledReason: readOnly,
              onSelect: () => actions.addCondition(node),
            },
            body.type === 'python' && {
              label: 'Aggregation',
              icon: <IconSum size={14} stroke={1.5} aria-hidden />,
              checked: body.isAggregation,
              disabledReason: readOnly,
              onSelect: () => session.apply(setNodeField(body, 'aggregation', !body.isAggregation)),
            },
            'line',
            {
              label: 'Delete',
              danger: true,
              icon: <IconTrash size={14} stroke={1.5} aria-hidden />,
              disabledReason: readOnly,
              onSelect: () => actions.remove(node),
            },
          ]}
        >
          <IconButton label={`More for ${node.name}`} icon={<IconDots size={16} stroke={1.5} aria-hidden />} />
        </Menu>
      </span>
    </header>
  )
}

function NodeStatus({ state }: { state: NodeState | undefined }) {
  if (!state || state.status === 'not-run') return null
  const tokens = tokensOf(state.result?.system_metrics)
  const seconds = state.result?.duration
  const facts = [
    state.status !== 'bypassed' && typeof seconds === 'number' && durationText(seconds),
    tokens > 0 && `${formatCount(tokens)} tok`,
  ].filter(Boolean)
  return (
    <>
      <StatusText status={state.status} />
      {facts.length > 0 && <span className={styles.facts}>{facts.join(' · ')}</span>}
    </>
  )
}
