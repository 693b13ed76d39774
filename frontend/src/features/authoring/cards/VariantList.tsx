import { IconCopy, IconDots, IconPlayerPlay, IconPlus, IconTrash } from '@tabler/icons-react'
import { useId } from 'react'
import { useStore } from 'zustand'
import { Button, IconButton } from '../../../components/Button'
import { Chip } from '../../../components/Chip'
import { Menu } from '../../../components/Menu'
import { classes } from '../../../lib/classes'
import { counted } from '../../../lib/format'
import type { FlowNode, Variant } from '../../../yaml/flow'
import { useRun } from '../run/useRun'
import { useAuthoring } from '../state/context'
import { useNodeActions } from '../useNodeActions'
import { valueText } from '../values'
import styles from './cards.module.css'

interface VariantListProps {
  node: FlowNode
  /** The variant whose text and values the card shows. */
  shown: string | null
  onShow: (id: string) => void
}

export function VariantList({ node, shown, onShow }: VariantListProps) {
  const { readOnly } = useAuthoring()
  const actions = useNodeActions()
  const group = useId()
  return (
    <fieldset className={styles.variants}>
      <legend className="visually-hidden">Variants of {node.name}</legend>
      <div className={styles.variantBar}>
        <span className="section-title">{counted(node.variants.length, 'variant')}</span>
        <span className={styles.note}>The default runs; the card shows the marked one.</span>
        {!readOnly && (
          <span className={styles.end}>
            <Button
              variant="ghost"
              size="small"
              icon={<IconPlus size={14} stroke={1.5} aria-hidden />}
              onClick={() => void actions.addVariant(node)}
            >
              Add variant
            </Button>
          </span>
        )}
      </div>
      {node.variants.map((variant) => (
        <VariantRow
          key={variant.id}
          node={node}
          variant={variant}
          group={group}
          isShown={variant.id === shown}
          onShow={() => onShow(variant.id)}
        />
      ))}
    </fieldset>
  )
}

interface VariantRowProps {
  node: FlowNode
  variant: Variant
  group: string
  isShown: boolean
  onShow: () => void
}

function VariantRow({ node, variant, group, isShown, onShow }: VariantRowProps) {
  const { runs, readOnly } = useAuthoring()
  const actions = useNodeActions()
  const run = useRun()
  const isRunning = useStore(runs.view, (view) => view.isRunning)
  const { id } = variant
  const isDefault = id === node.defaultVariant
  const model = variant.body.inputs.find((input) => input.name === 'model' || input.name === 'deployment_name')
  return (
    <div className={classes(styles.variant, isShown && styles.shown)}>
      <input
        type="radio"
        name={group}
        aria-label={`Make ${id} the default`}
        checked={isDefault}
        disabled={readOnly !== null}
        onChange={() => actions.setDefault(node, variant)}
      />
      <span className="mono">{id}</span>
      {isDefault && <Chip tone="info">Default</Chip>}
      <span className="grow truncate secondary">
        {variant.description || [variant.body.sourcePath, valueText(model?.value)].filter(Boolean).join(' · ')}
      </span>
      <Button
        variant="ghost"
        size="small"
        pressed={isShown}
        aria-label={isShown ? `Shown: ${id}` : `Show ${id}`}
        onClick={onShow}
      >
        {isShown ? 'Shown' : 'Show'}
      </Button>
      <IconButton
        size="small"
        label={`Run ${id}`}
        icon={<IconPlayerPlay size={14} stroke={1.5} aria-hidden />}
        disabledReason={isRunning ? 'Something is running.' : null}
        onClick={() => void run.flow(`\${${node.name}.${id}}`)}
      />
      <VariantMenu node={node} variant={variant} />
    </div>
  )
}

function VariantMenu({ node, variant }: { node: FlowNode; variant: Variant }) {
  const { readOnly } = useAuthoring()
  const actions = useNodeActions()
  const { id } = variant
  const isDefault = id === node.defaultVariant
  return (
    <Menu
      position="bottom-end"
      entries={[
        {
          label: 'Clone',
          icon: <IconCopy size={14} stroke={1.5} aria-hidden />,
          disabledReason: readOnly,
          onSelect: () => void actions.addVariant(node, variant),
        },
        {
          label: 'Delete',
          danger: true,
          icon: <IconTrash size={14} stroke={1.5} aria-hidden />,
          disabledReason: readOnly ?? (isDefault ? 'Make another the default first.' : null),
          onSelect: () => actions.removeVariant(node, variant),
        },
      ]}
    >
      <IconButton size="small" label={`More for ${id}`} icon={<IconDots size={14} stroke={1.5} aria-hidden />} />
    </Menu>
  )
}
