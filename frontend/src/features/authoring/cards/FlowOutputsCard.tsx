import { IconDots, IconLogout, IconPlus, IconTrash } from '@tabler/icons-react'
import { useMemo } from 'react'
import { useStore } from 'zustand'
import { Button, IconButton } from '../../../components/Button'
import { Chip } from '../../../components/Chip'
import { TintedIcon } from '../../../components/Kind'
import { Menu } from '../../../components/Menu'
import { both } from '../../../yaml/change'
import type { FlowOutput } from '../../../yaml/flow'
import { addOutput, removeOutput, renameOutput, setOutput } from '../../../yaml/flowEdits'
import { outputReference } from '../../../yaml/references'
import type { Json } from '../../../yaml/scalars'
import { useAuthoring, useModel } from '../state/context'
import { previewOf } from '../values'
import { CardSection } from './CardSection'
import { CommitField } from './CommitField'
import { freeWord, wordProblem } from './FlowInputsCard'
import { referenceOptions } from './references'
import styles from './tables.module.css'
import { ValueField } from './ValueField'

export function FlowOutputsCard() {
  const { session, runs, readOnly } = useAuthoring()
  const model = useModel()
  const latest = useStore(runs.view, (view) => view.runs.find((run) => run.node === null))
  const last = latest?.status === 'completed' && isMap(latest.output) ? latest.output : {}
  const add = () => {
    const taken = new Set(model.outputs.map((output) => output.name))
    const node = model.nodes.at(-1)
    session.apply(addOutput(freeWord('output', taken), node ? outputReference(node.name) : ''))
  }
  return (
    <CardSection
      id="outputs"
      title="Outputs"
      icon={
        <TintedIcon kind="io">
          <IconLogout size={14} stroke={1.5} aria-hidden />
        </TintedIcon>
      }
      actions={
        !readOnly && (
          <Button variant="ghost" size="small" icon={<IconPlus size={14} stroke={1.5} aria-hidden />} onClick={add}>
            Add output
          </Button>
        )
      }
    >
      {model.outputs.length === 0 ? (
        <p className={styles.empty}>What the flow answers, taken from its nodes. It has no outputs yet.</p>
      ) : (
        <table className={styles.table}>
          <colgroup>
            <col style={{ width: '26%' }} />
            <col />
            <col style={{ width: 88 }} />
            <col style={{ width: 36 }} />
          </colgroup>
          <thead>
            <tr>
              <th scope="col">Name</th>
              <th scope="col">Value</th>
              <th scope="col" className={styles.end}>
                Last
              </th>
              <td />
            </tr>
          </thead>
          <tbody>
            {model.outputs.map((output, index) => (
              // biome-ignore lint/suspicious/noArrayIndexKey: a renamed output is still the same row.
              <OutputRow key={index} output={output} last={last[output.name]} />
            ))}
          </tbody>
        </table>
      )}
    </CardSection>
  )
}

function OutputRow({ output, last }: { output: FlowOutput; last: Json | undefined }) {
  const { session, readOnly } = useAuthoring()
  const model = useModel()
  const { name } = output
  const taken = model.outputs.map((each) => each.name)
  return (
    <tr>
      <th scope="row">
        <CommitField
          label={`Name of output ${name}`}
          value={name}
          quiet
          mono
          readOnly={Boolean(readOnly)}
          problem={(text) => wordProblem(text, taken)}
          onCommit={(text) => session.apply(renameOutput(name, text))}
        />
      </th>
      <td>
        <span className="row">
          <span className="grow">
            <OutputValue output={output} />
          </span>
          {output.isChatOutput && <Chip tone="info">Chat output</Chip>}
        </span>
      </td>
      <td className={styles.last} title={last === undefined ? undefined : previewOf(last)}>
        {last === undefined ? '' : previewOf(last, 60)}
      </td>
      <td>
        <OutputMenu output={output} />
      </td>
    </tr>
  )
}

function OutputValue({ output: { name, reference } }: { output: FlowOutput }) {
  const { session, runs, readOnly } = useAuthoring()
  const model = useModel()
  const states = useStore(runs.view, (view) => view.nodes)
  const options = useMemo(() => referenceOptions(model, null, states), [model, states])
  return (
    <ValueField
      label={`Value of output ${name}`}
      value={reference}
      quiet
      readOnly={Boolean(readOnly)}
      options={options}
      placeholder="Choose a reference"
      problem={reference === '' ? 'An output needs a reference.' : null}
      onCommit={(text) => session.apply(setOutput(name, 'reference', text))}
    />
  )
}

function OutputMenu({ output }: { output: FlowOutput }) {
  const { session, readOnly } = useAuthoring()
  const model = useModel()
  const { name } = output
  const markChat = () => {
    const others = model.outputs.filter((each) => each.isChatOutput && each.name !== name)
    session.apply(
      both(
        ...others.map((each) => setOutput(each.name, 'is_chat_output', false)),
        setOutput(name, 'is_chat_output', !output.isChatOutput),
      ),
    )
  }
  return (
    <Menu
      position="bottom-end"
      entries={[
        { label: 'Chat output', checked: output.isChatOutput, disabledReason: readOnly, onSelect: markChat },
        'line',
        {
          label: 'Delete output',
          danger: true,
          icon: <IconTrash size={14} stroke={1.5} aria-hidden />,
          disabledReason: readOnly,
          onSelect: () => session.applyWithUndo(removeOutput(name), `Output ${name} deleted.`),
        },
      ]}
    >
      <IconButton
        size="small"
        label={`More for output ${name}`}
        icon={<IconDots size={14} stroke={1.5} aria-hidden />}
      />
    </Menu>
  )
}

function isMap(value: Json): value is { [key: string]: Json } {
  return typeof value === 'object' && value !== null && !Array.isArray(value)
}
