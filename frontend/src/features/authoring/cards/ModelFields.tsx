import { IconChevronDown, IconPlus, IconX } from '@tabler/icons-react'
import { useQuery } from '@tanstack/react-query'
import { type Connection, connectionsQuery } from '../../../api/connections'
import { Button, IconButton } from '../../../components/Button'
import { Menu } from '../../../components/Menu'
import type { FlowNode, NodeBody } from '../../../yaml/flow'
import { removeNodeInput, setNodeField, setNodeInput } from '../../../yaml/flowEdits'
import type { Json } from '../../../yaml/scalars'
import { useAuthoring } from '../state/context'
import { typedValue, typeProblem, valueText } from '../values'
import styles from './cards.module.css'
import fields from './fields.module.css'
import { modelParameters } from './signature'
import { ValueField } from './ValueField'

const always = ['temperature', 'max_tokens']
const jsonFormats = [{ value: '{"type":"text"}' }, { value: '{"type":"json_object"}' }]
const noOptions = [] as const

/** Connection, model and parameters of an llm node. */
export function ModelFields({ body }: { node: FlowNode; body: NodeBody }) {
  const { data: connections } = useQuery(connectionsQuery)
  const chosen = connections?.find((connection) => connection.name === body.connection)
  const isAzure = /azure/.test(chosen?.type ?? '') || (!chosen && 'deployment_name' in asMap(body))
  const modelName = isAzure ? 'deployment_name' : 'model'
  const given = body.inputs.filter((input) => input.name in modelParameters).map((input) => input.name)
  const shown = Object.keys(modelParameters).filter((name) => {
    return name === modelName || always.includes(name) || given.includes(name)
  })
  const rest = Object.keys(modelParameters).filter(
    (name) => !shown.includes(name) && name !== 'model' && name !== 'deployment_name',
  )
  return (
    <>
      <div className={styles.group}>
        <h3 className="section-title">Model</h3>
        <AddParameter body={body} names={rest} />
      </div>
      <div className={styles.fields}>
        <ConnectionField body={body} connections={connections} />
        <ApiField body={body} />
        {shown.map((name) => (
          <Parameter key={name} body={body} name={name} isFixed={name === modelName || always.includes(name)} />
        ))}
      </div>
    </>
  )
}

function AddParameter({ body, names }: { body: NodeBody; names: string[] }) {
  const { session, readOnly } = useAuthoring()
  if (readOnly || names.length === 0) return null
  return (
    <span className={styles.end}>
      <Menu
        position="bottom-end"
        entries={names.map((name) => ({
          label: name,
          onSelect: () => session.apply(setNodeInput(body, name, starting(name))),
        }))}
      >
        <Button variant="ghost" size="small" icon={<IconPlus size={14} stroke={1.5} aria-hidden />}>
          Add parameter
        </Button>
      </Menu>
    </span>
  )
}

function ConnectionField({ body, connections }: { body: NodeBody; connections: Connection[] | undefined }) {
  const { session, readOnly } = useAuthoring()
  return (
    <>
      <span className={styles.label}>
        connection
        <span className={styles.required} aria-hidden>
          *
        </span>
      </span>
      <ValueField
        label="connection"
        value={body.connection}
        options={(connections ?? []).map(({ name, type }) => ({ value: name, detail: type }))}
        readOnly={readOnly !== null}
        placeholder="Choose a connection"
        problem={connectionProblem(
          body.connection,
          connections?.map((each) => each.name),
        )}
        onCommit={(text) => session.apply(setNodeField(body, 'connection', text))}
      />
    </>
  )
}

function ApiField({ body }: { body: NodeBody }) {
  const { session, readOnly } = useAuthoring()
  return (
    <>
      <span className={styles.label}>api</span>
      <span className={fields.box}>
        <select
          aria-label="api"
          className={fields.bare}
          disabled={readOnly !== null}
          value={body.api || 'chat'}
          onChange={(event) => session.apply(setNodeField(body, 'api', event.target.value))}
        >
          <option>chat</option>
          <option>completion</option>
        </select>
        <IconChevronDown size={14} stroke={1.5} aria-hidden className={fields.chevron} />
      </span>
    </>
  )
}

function Parameter({ body, name, isFixed }: { body: NodeBody; name: string; isFixed: boolean }) {
  const { session, readOnly } = useAuthoring()
  const value = body.inputs.find((input) => input.name === name)?.value
  const type = modelParameters[name] ?? ''
  const isName = name === 'model' || name === 'deployment_name'
  const canRemove = !isFixed && !readOnly
  return (
    <>
      <span className={styles.label} title={name}>
        {name}
        {isName && (
          <span className={styles.required} aria-hidden>
            *
          </span>
        )}
      </span>
      <span className={canRemove ? styles.withButton : undefined}>
        <ValueField
          label={name}
          value={valueText(value)}
          options={name === 'response_format' ? jsonFormats : noOptions}
          readOnly={readOnly !== null}
          placeholder={isName ? 'Name of the model' : 'As the model has it'}
          problem={value === undefined ? null : typeProblem(value, type)}
          onCommit={(text) => {
            if (text === '' && value !== undefined && isFixed && !isName) session.apply(removeNodeInput(body, name))
            else session.apply(setNodeInput(body, name, typedValue(text, type)))
          }}
        />
        {canRemove && (
          <IconButton
            label={`Remove ${name}`}
            icon={<IconX size={14} stroke={1.5} aria-hidden />}
            onClick={() => session.apply(removeNodeInput(body, name))}
          />
        )}
      </span>
    </>
  )
}

function starting(name: string): Json {
  const type = modelParameters[name]
  if (name === 'response_format') return { type: 'json_object' }
  if (type === 'list') return []
  if (type === 'object') return {}
  if (type === 'int') return name === 'n' ? 1 : 0
  if (type === 'double') return name === 'top_p' ? 1 : 0
  return type === 'bool' ? false : ''
}

function connectionProblem(name: string, known: string[] | undefined): string | null {
  if (name === '') return 'A connection is needed.'
  if (!known || known.includes(name) || name.startsWith('${')) return null
  return `There is no connection ‘${name}’.`
}

function asMap(body: NodeBody): Record<string, Json> {
  return Object.fromEntries(body.inputs.map((input) => [input.name, input.value]))
}
