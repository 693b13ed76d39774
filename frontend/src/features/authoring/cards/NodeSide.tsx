import { IconX } from '@tabler/icons-react'
import { useMemo } from 'react'
import { useStore } from 'zustand'
import { IconButton } from '../../../components/Button'
import { classes } from '../../../lib/classes'
import type { FlowNode, NodeBody } from '../../../yaml/flow'
import { removeActivate, removeNodeInput, setActivate, setNodeInput } from '../../../yaml/flowEdits'
import type { Json } from '../../../yaml/scalars'
import { useAuthoring, useModel } from '../state/context'
import { typedValue, valueText } from '../values'
import styles from './cards.module.css'
import { ModelFields } from './ModelFields'
import { NodeResultPreview } from './NodeResultPreview'
import { referenceOptions } from './references'
import { isModelParameter, type SignatureInput, useSignature } from './signature'
import { ValueField } from './ValueField'

interface NodeSideProps {
  node: FlowNode
  /** That of the variant the card shows. */
  body: NodeBody
  variant: string | null
}

/** What feeds a node, beside its text. */
export function NodeSide({ node, body, variant }: NodeSideProps) {
  const isLlm = body.type === 'llm'
  const signature = useSignature(node.name, variant)
  const rows = inputRows(body, signature, isLlm)
  return (
    <div className={styles.side}>
      <div className={styles.group}>
        <h3 className="section-title">Inputs</h3>
      </div>
      {rows.length === 0 ? (
        <p className={styles.note}>{emptyText(body)}</p>
      ) : (
        <div className={styles.fields}>
          {rows.map((row) => (
            <InputField key={row.name} node={node} body={body} row={row} />
          ))}
        </div>
      )}
      {isLlm && <ModelFields node={node} body={body} />}
      {body.activate && <Condition node={node} body={body} activate={body.activate} />}
      <NodeResultPreview node={node.name} />
    </div>
  )
}

function emptyText(body: NodeBody): string {
  if (body.type === 'python') return 'The parameters of its @tool function become inputs.'
  return 'Variables in double braces, such as {{question}}, become inputs.'
}

interface InputRow {
  name: string
  value: Json | undefined
  signature: SignatureInput | null
  /** The file does not know this name. */
  isUnknown: boolean
}

function inputRows(body: NodeBody, signature: SignatureInput[] | null, isLlm: boolean): InputRow[] {
  const given = body.inputs.filter((input) => !isLlm || !isModelParameter(input.name, signature))
  const known = (signature ?? []).map((item): InputRow => {
    const input = given.find((each) => each.name === item.name)
    return { name: item.name, value: input?.value, signature: item, isUnknown: false }
  })
  const others = given
    .filter((input) => !signature?.some((item) => item.name === input.name))
    .map(
      (input): InputRow => ({ name: input.name, value: input.value, signature: null, isUnknown: signature !== null }),
    )
  return [...known, ...others]
}

function InputField({ node, body, row }: { node: FlowNode; body: NodeBody; row: InputRow }) {
  const { session, runs, readOnly } = useAuthoring()
  const model = useModel()
  const states = useStore(runs.view, (view) => view.nodes)
  const { name, value, signature, isUnknown } = row
  const type = signature?.type[0] ?? ''
  const options = useMemo(() => {
    const literals = (signature?.enum ?? (type === 'bool' ? [true, false] : [])).map((each) => ({
      value: valueText(each as Json),
      detail: 'value',
    }))
    return [...literals, ...referenceOptions(model, node.name, states)]
  }, [model, node.name, states, signature, type])
  const isRequired = signature?.required ?? false
  const isEmpty = value === undefined || value === ''
  const standard =
    signature && !isRequired && signature.default !== undefined ? valueText(signature.default as Json) : ''
  const commit = (text: string) => {
    if (text === '' && value !== undefined) session.apply(removeNodeInput(body, name))
    else session.apply(setNodeInput(body, name, typedValue(text, type, value)))
  }
  return (
    <>
      <span
        className={classes(styles.label, 'mono', isUnknown && styles.unknown)}
        title={isUnknown ? `${name}: ${body.sourcePath} has no such parameter` : name}
      >
        {name}
        {isRequired && (
          <span className={styles.required} aria-hidden>
            *
          </span>
        )}
      </span>
      <span className={classes(isUnknown && !readOnly && styles.withButton)}>
        <ValueField
          label={name}
          value={valueText(value)}
          options={options}
          readOnly={readOnly !== null}
          hint={type && type !== 'object' ? type : undefined}
          placeholder={isRequired ? 'Choose or type a value' : standard === '' ? 'Not set' : `${standard} (default)`}
          problem={isRequired && isEmpty ? 'A value is needed.' : null}
          onCommit={commit}
        />
        {isUnknown && !readOnly && (
          <IconButton
            label={`Remove input ${name}`}
            icon={<IconX size={14} stroke={1.5} aria-hidden />}
            onClick={() => session.applyWithUndo(removeNodeInput(body, name), `Input ${name} removed.`)}
          />
        )}
      </span>
    </>
  )
}

interface ConditionProps {
  node: FlowNode
  body: NodeBody
  activate: NonNullable<NodeBody['activate']>
}

function Condition({ node, body, activate }: ConditionProps) {
  const { session, runs, readOnly } = useAuthoring()
  const model = useModel()
  const states = useStore(runs.view, (view) => view.nodes)
  const options = useMemo(() => referenceOptions(model, node.name, states), [model, node.name, states])
  return (
    <>
      <div className={styles.group}>
        <h3 className="section-title">Runs only when</h3>
        {!readOnly && (
          <span className={styles.end}>
            <IconButton
              size="small"
              label="Remove condition"
              icon={<IconX size={14} stroke={1.5} aria-hidden />}
              onClick={() => session.applyWithUndo(removeActivate(body), 'Condition removed.')}
            />
          </span>
        )}
      </div>
      <div className={styles.two}>
        <ValueField
          label="When"
          value={activate.when}
          options={options}
          readOnly={readOnly !== null}
          onCommit={(text) => session.apply(setActivate(body, text, activate.is))}
        />
        <span className="secondary">is</span>
        <ValueField
          label="Is"
          value={valueText(activate.is)}
          options={[{ value: 'true' }, { value: 'false' }]}
          readOnly={readOnly !== null}
          onCommit={(text) => session.apply(setActivate(body, activate.when, looseValue(text)))}
        />
      </div>
    </>
  )
}

function looseValue(text: string): Json {
  for (const type of ['bool', 'int'] as const) {
    const value = typedValue(text, type)
    if (typeof value !== 'string') return value
  }
  return text
}
