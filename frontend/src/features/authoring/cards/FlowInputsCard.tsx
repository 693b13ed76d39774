import { IconDots, IconLogin2, IconPlus, IconTrash } from '@tabler/icons-react'
import { lazy, Suspense } from 'react'
import { Button, IconButton } from '../../../components/Button'
import { Chip } from '../../../components/Chip'
import { TintedIcon } from '../../../components/Kind'
import { Menu } from '../../../components/Menu'
import { both } from '../../../yaml/change'
import type { FlowInput } from '../../../yaml/flow'
import { addInput, removeInput, renameInput, setInput } from '../../../yaml/flowEdits'
import { useAuthoring, useModel } from '../state/context'
import { typedValue, typeProblem, valueText } from '../values'
import { CardSection } from './CardSection'
import { CommitField } from './CommitField'
import styles from './tables.module.css'
import { ValueField } from './ValueField'

const ImageInput = lazy(() => import('../images/ImageInput').then((module) => ({ default: module.ImageInput })))

const types = ['string', 'int', 'double', 'bool', 'list', 'object', 'image', 'file_path', 'secret']
const noOptions = [] as const
const booleans = [{ value: 'true' }, { value: 'false' }]

export function FlowInputsCard() {
  const { session, readOnly } = useAuthoring()
  const model = useModel()
  const add = () => {
    const taken = new Set(model.inputs.map((input) => input.name))
    session.apply(addInput(freeWord('input', taken), 'string', ''))
  }
  return (
    <CardSection
      id="inputs"
      title="Inputs"
      icon={
        <TintedIcon kind="io">
          <IconLogin2 size={14} stroke={1.5} aria-hidden />
        </TintedIcon>
      }
      actions={
        !readOnly && (
          <Button variant="ghost" size="small" icon={<IconPlus size={14} stroke={1.5} aria-hidden />} onClick={add}>
            Add input
          </Button>
        )
      }
    >
      {model.inputs.length === 0 ? (
        <p className={styles.empty}>What the flow is given: a question, a file, a limit. It has no inputs yet.</p>
      ) : (
        <table className={styles.table}>
          <colgroup>
            <col style={{ width: '28%' }} />
            <col style={{ width: 76 }} />
            <col />
            <col style={{ width: 36 }} />
          </colgroup>
          <thead>
            <tr>
              <th scope="col">Name</th>
              <th scope="col">Type</th>
              <th scope="col">Value for test runs</th>
              <td />
            </tr>
          </thead>
          <tbody>
            {model.inputs.map((input, index) => (
              // biome-ignore lint/suspicious/noArrayIndexKey: a renamed input is still the same row.
              <InputRow key={index} input={input} />
            ))}
          </tbody>
        </table>
      )}
    </CardSection>
  )
}

function InputRow({ input }: { input: FlowInput }) {
  const { session, readOnly } = useAuthoring()
  const model = useModel()
  const { name } = input
  const taken = model.inputs.map((each) => each.name)
  const marks = [input.isChatInput && 'Chat input', input.isChatHistory && 'Chat history'].filter(Boolean)
  return (
    <tr>
      <th scope="row">
        <CommitField
          label={`Name of input ${name}`}
          value={name}
          quiet
          mono
          readOnly={Boolean(readOnly)}
          problem={(text) => wordProblem(text, taken)}
          onCommit={(text) => session.apply(renameInput(model, name, text))}
        />
      </th>
      <td>
        <TypeSelect input={input} />
      </td>
      <td>
        <span className="row">
          <span className="grow">
            <InputValue input={input} />
          </span>
          {marks.map((each) => (
            <Chip key={String(each)} tone="info">
              {each}
            </Chip>
          ))}
        </span>
      </td>
      <td>
        <InputMenu input={input} />
      </td>
    </tr>
  )
}

function TypeSelect({ input: { name, type } }: { input: FlowInput }) {
  const { session, readOnly } = useAuthoring()
  const known = types.includes(type) ? types : [type, ...types]
  return (
    <select
      aria-label={`Type of input ${name}`}
      className={styles.select}
      value={type}
      disabled={Boolean(readOnly)}
      onChange={(event) => session.apply(setInput(name, 'type', event.target.value))}
    >
      {known.map((each) => (
        <option key={each}>{each}</option>
      ))}
    </select>
  )
}

function InputValue({ input }: { input: FlowInput }) {
  const { session, readOnly } = useAuthoring()
  const { name, type } = input
  if (type === 'image') {
    return (
      <Suspense>
        <ImageInput input={input} />
      </Suspense>
    )
  }
  return (
    <ValueField
      label={`Value of input ${name}`}
      value={valueText(input.default)}
      quiet
      readOnly={Boolean(readOnly)}
      options={type === 'bool' ? booleans : noOptions}
      placeholder={input.isChatInput ? 'From the chat' : 'No value'}
      problem={input.default === undefined ? null : typeProblem(input.default, type)}
      onCommit={(text) => {
        const value = text === '' && type !== 'string' ? undefined : typedValue(text, type)
        session.apply(setInput(name, 'default', value))
      }}
    />
  )
}

function InputMenu({ input }: { input: FlowInput }) {
  const { session, readOnly } = useAuthoring()
  const model = useModel()
  const { name } = input
  const mark = (field: 'is_chat_input' | 'is_chat_history', is: boolean) => {
    const others = model.inputs.filter((each) => (field === 'is_chat_input' ? each.isChatInput : each.isChatHistory))
    session.apply(
      both(
        ...others.filter((each) => each.name !== name).map((each) => setInput(each.name, field, false)),
        setInput(name, field, is),
      ),
    )
  }
  return (
    <Menu
      position="bottom-end"
      entries={[
        {
          label: 'Chat input',
          checked: input.isChatInput,
          disabledReason: readOnly,
          onSelect: () => mark('is_chat_input', !input.isChatInput),
        },
        {
          label: 'Chat history',
          checked: input.isChatHistory,
          disabledReason: readOnly,
          onSelect: () => mark('is_chat_history', !input.isChatHistory),
        },
        'line',
        {
          label: 'Delete input',
          danger: true,
          icon: <IconTrash size={14} stroke={1.5} aria-hidden />,
          disabledReason: readOnly,
          onSelect: () => session.applyWithUndo(removeInput(name), `Input ${name} deleted.`),
        },
      ]}
    >
      <IconButton
        size="small"
        label={`More for input ${name}`}
        icon={<IconDots size={14} stroke={1.5} aria-hidden />}
      />
    </Menu>
  )
}

/** `input_1`, `input_2`, … that is not taken. */
export function freeWord(stem: string, taken: ReadonlySet<string>): string {
  for (let number = 1; ; number += 1) {
    if (!taken.has(`${stem}_${number}`)) return `${stem}_${number}`
  }
}

/** Why a word cannot name an input, output or node, or null. */
export function wordProblem(text: string, taken: readonly string[]): string | null {
  if (text.trim() === '') return 'Enter a name.'
  if (taken.includes(text)) return `There is a ‘${text}’ already.`
  if (/[\s${}.[\]]/.test(text)) return 'A name has no spaces, dots or brackets: references could not tell it apart.'
  return null
}
