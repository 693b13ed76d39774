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
import { Menu, type MenuEntry } from '../../../components/Menu'
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
  const { page } = useAuthoring()
  const [isRenaming, setRenaming] = useState(false)
  const modelName = body.inputs.find((input) => input.name === 'model' || input.name === 'deployment_name')?.value
  return (
    <header className={`${styles.head} ${isFolded ? '' : styles.open}`}>
      <FoldButton name={node.name} isFolded={isFolded} />
      {icon}
      <Title node={node} isRenaming={isRenaming} onRenaming={setRenaming} />
      <KindBadge kind={nodeKind(body.type)}>{body.type || 'node'}</KindBadge>
      {body.isAggregation && <Chip icon={<IconSum size={12} stroke={1.5} aria-hidden />}>Aggregation</Chip>}
      {body.activate && <Chip icon={<IconPlayerSkipForward size={12} stroke={1.5} aria-hidden />}>Conditional</Chip>}
      {modelName !== undefined && <span className={`${styles.facts} truncate`}>{valueText(modelName)}</span>}
      <span className={styles.end}>
        {body.connection === 'demo' && state?.status === 'completed' && <DemoChip />}
        <NodeStatus state={state} />
        <RunNodeButton state={state} onRun={onRun} />
        <IconButton
          label="Show in graph"
          icon={<IconFocusCentered size={16} stroke={1.5} aria-hidden />}
          onClick={() =>
            page.setState(({ locates }) => ({ selected: node.name, locates: locates + 1, isSideFolded: false }))
          }
        />
        <NodeMenu node={node} body={body} count={count} onRename={() => setTimeout(() => setRenaming(true))} />
      </span>
    </header>
  )
}

function FoldButton({ name, isFolded }: { name: string; isFolded: boolean }) {
  const { page } = useAuthoring()
  const Icon = isFolded ? IconChevronRight : IconChevronDown
  const toggle = () =>
    page.setState(({ collapsed }) => {
      const next = new Set(collapsed)
      if (!next.delete(name)) next.add(name)
      return { collapsed: next }
    })
  return (
    <IconButton
      size="small"
      label={isFolded ? `Unfold ${name}` : `Fold ${name}`}
      aria-expanded={!isFolded}
      className={classes(styles.fold, disclosure.disclosure)}
      icon={<Icon size={14} stroke={1.5} aria-hidden />}
      onClick={toggle}
    />
  )
}

interface TitleProps {
  node: FlowNode
  isRenaming: boolean
  onRenaming: (isRenaming: boolean) => void
}

function Title({ node, isRenaming, onRenaming }: TitleProps) {
  const { readOnly } = useAuthoring()
  const model = useModel()
  const actions = useNodeActions()
  if (!isRenaming) {
    return (
      <h2 className={styles.title} title={node.name} onDoubleClick={() => !readOnly && onRenaming(true)}>
        {node.name}
      </h2>
    )
  }
  const taken = model.nodes.map((each) => each.name)
  return (
    <span className={styles.rename}>
      <CommitField
        label={`Name of node ${node.name}`}
        value={node.name}
        autoFocus
        problem={(text) => wordProblem(text, taken)}
        onCommit={(text) => actions.rename(node, text)}
        onDone={() => onRenaming(false)}
      />
    </span>
  )
}

/** After a failure it says its name, since trying again is what comes next. */
function RunNodeButton({ state, onRun }: { state: NodeState | undefined; onRun: () => void }) {
  const { runs } = useAuthoring()
  const isRunning = useStore(runs.view, (view) => view.isRunning)
  const disabledReason = isRunning ? 'Something is running.' : null
  if (state?.status === 'failed') {
    return (
      <Button
        size="small"
        icon={<IconPlayerPlay size={14} stroke={1.5} aria-hidden />}
        disabledReason={disabledReason}
        onClick={onRun}
      >
        Run node
      </Button>
    )
  }
  return (
    <IconButton
      label="Run node"
      keys="Ctrl+Enter"
      icon={<IconPlayerPlay size={16} stroke={1.5} aria-hidden />}
      disabledReason={disabledReason}
      onClick={onRun}
    />
  )
}

interface NodeMenuProps {
  node: FlowNode
  body: NodeBody
  count: number
  onRename: () => void
}

function NodeMenu({ node, body, count, onRename }: NodeMenuProps) {
  const order = useOrderEntries(node, count, onRename)
  const kind = useKindEntries(node, body)
  const { readOnly } = useAuthoring()
  const actions = useNodeActions()
  const remove: MenuEntry = {
    label: 'Delete',
    danger: true,
    icon: <IconTrash {...menuIcon} />,
    disabledReason: readOnly,
    onSelect: () => actions.remove(node),
  }
  return (
    <Menu position="bottom-end" width={224} entries={[...order, 'line', ...kind, 'line', remove]}>
      <IconButton label={`More for ${node.name}`} icon={<IconDots size={16} stroke={1.5} aria-hidden />} />
    </Menu>
  )
}

const menuIcon = { size: 14, stroke: 1.5, 'aria-hidden': true } as const

function useOrderEntries(node: FlowNode, count: number, onRename: () => void): MenuEntry[] {
  const { readOnly } = useAuthoring()
  const actions = useNodeActions()
  return [
    { label: 'Rename', icon: <IconPencil {...menuIcon} />, disabledReason: readOnly, onSelect: onRename },
    {
      label: 'Duplicate',
      icon: <IconCopy {...menuIcon} />,
      disabledReason: readOnly,
      onSelect: () => void actions.duplicate(node),
    },
    {
      label: 'Move up',
      icon: <IconArrowUp {...menuIcon} />,
      disabledReason: readOnly ?? (node.index === 0 ? 'It is the first.' : null),
      onSelect: () => actions.move(node, 'up'),
    },
    {
      label: 'Move down',
      icon: <IconArrowDown {...menuIcon} />,
      disabledReason: readOnly ?? (node.index >= count - 1 ? 'It is the last.' : null),
      onSelect: () => actions.move(node, 'down'),
    },
  ]
}

/** What only some nodes can be. */
function useKindEntries(node: FlowNode, body: NodeBody): (MenuEntry | false)[] {
  const { session, readOnly } = useAuthoring()
  const actions = useNodeActions()
  return [
    body.type === 'llm' && {
      label: 'Add variant',
      icon: <IconGitBranch {...menuIcon} />,
      disabledReason: readOnly,
      onSelect: () => void actions.addVariant(node),
    },
    !body.activate && {
      label: 'Run only when…',
      icon: <IconPlayerSkipForward {...menuIcon} />,
      disabledReason: readOnly,
      onSelect: () => actions.addCondition(node),
    },
    body.type === 'python' && {
      label: 'Aggregation',
      icon: <IconSum {...menuIcon} />,
      checked: body.isAggregation,
      disabledReason: readOnly,
      onSelect: () => session.apply(setNodeField(body, 'aggregation', !body.isAggregation)),
    },
  ]
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
