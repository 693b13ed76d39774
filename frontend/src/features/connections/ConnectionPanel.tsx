import { IconTrash, IconUser, IconUsers, IconX } from '@tabler/icons-react'
import { useMutation } from '@tanstack/react-query'
import { type FormEvent, useState } from 'react'
import {
  type Connection,
  type ConnectionField,
  type ConnectionType,
  createConnection,
  type NewConnection,
  type Scope,
  updateConnection,
} from '../../api/connections'
import { Button, IconButton } from '../../components/Button'
import { SegmentedControl, TextField } from '../../components/Field'
import { KindBadge } from '../../components/Kind'
import { ErrorMessage, Note } from '../../components/Note'
import { ConnectionIcon, connectionKind } from './ConnectionIcon'
import styles from './ConnectionsPage.module.css'
import { CustomRows } from './CustomRows'
import { type Draft, draftOf, draftProblem, fieldsOf, fieldTitle, hasSecret, isCustom, isShown } from './draft'
import { FieldInput, SecretInput } from './FieldInput'
import { TrialResult } from './TrialResult'

interface ConnectionPanelProps {
  type: ConnectionType
  /** Null for a new one. */
  connection: Connection | null
  isAdmin: boolean
  onSaved: (connection: Connection) => void
  onDelete: (connection: Connection) => void
  onClose: () => void
}

const scopes = [
  { value: 'user' as Scope, label: 'Only me', icon: <IconUser size={14} stroke={1.5} aria-hidden /> },
  { value: 'workspace' as Scope, label: 'Workspace', icon: <IconUsers size={14} stroke={1.5} aria-hidden /> },
]

/** One connection: its fields by type, its secrets replaceable, and a test. */
export function ConnectionPanel(props: ConnectionPanelProps) {
  const { type, connection, isAdmin, onSaved, onDelete, onClose } = props
  const [initial, setInitial] = useState(() => draftOf(type, connection))
  const [draft, setDraft] = useState(initial)
  const [scope, setScope] = useState<Scope>(connection?.scope ?? 'user')
  const readOnly = connection?.read_only ?? false
  const isChanged = JSON.stringify(draft) !== JSON.stringify(initial)
  const problem = draftProblem(type, draft, connection)
  const change = (part: Partial<Draft>) => setDraft({ ...draft, ...part })

  const save = useMutation({
    mutationFn: () => {
      const fields = fieldsOf(type, draft, connection)
      if (connection) return updateConnection(connection, fields)
      return createConnection({ ...fields, name: draft.name.trim(), type: type.type, scope } as NewConnection)
    },
    onSuccess: (saved) => {
      const fresh = draftOf(type, saved)
      setInitial(fresh)
      setDraft(fresh)
      onSaved(saved)
    },
  })

  function submit(event: FormEvent) {
    event.preventDefault()
    if (!problem && !readOnly) save.mutate()
  }

  return (
    <section className={styles.panel} aria-labelledby="connection-title">
      <header className={styles.head}>
        <ConnectionIcon type={type.type} />
        <h2 id="connection-title" className={`${styles.title} truncate`}>
          {connection?.name ?? 'New connection'}
        </h2>
        <KindBadge kind={connectionKind(type.type)}>
          {connection?.name === 'demo' && readOnly ? 'Demo model' : type.title}
        </KindBadge>
        <span className="grow" />
        <IconButton label="Close panel" icon={<IconX size={16} stroke={1.5} aria-hidden />} onClick={onClose} />
      </header>
      <form id="connection-form" className={styles.form} onSubmit={submit}>
        {readOnly && (
          <Note>
            {connection?.name === 'demo'
              ? 'The demo model is built into the studio. It needs no key and cannot be changed.'
              : 'Only an admin changes what belongs to the workspace.'}
          </Note>
        )}
        <TextField
          inline
          label="Name"
          value={draft.name}
          onChange={(name) => change({ name })}
          readOnly={connection !== null}
          hint={connection ? 'Flows refer to it by this name.' : 'Flows will refer to it by this name.'}
          spellCheck={false}
          autoComplete="off"
          autoFocus={connection === null}
          required
        />
        <ScopeLine scope={scope} onChange={setScope} isNew={connection === null} isAdmin={isAdmin} />
        {signInFirst(type.fields).map((field) =>
          !isShown(field, draft) ? null : field.secret ? (
            <SecretInput
              key={field.name}
              label={fieldTitle(field.name)}
              hint={field.description}
              isStored={connection !== null && hasSecret(connection, field)}
              value={draft.secrets[field.name]}
              onChange={(value) => change({ secrets: withValue(draft.secrets, field.name, value) })}
              readOnly={readOnly}
            />
          ) : (
            <FieldInput
              key={field.name}
              field={field}
              value={draft.values[field.name] ?? ''}
              onChange={(value) => change({ values: { ...draft.values, [field.name]: value } })}
              readOnly={readOnly}
              isRequired={field.required}
            />
          ),
        )}
        {isCustom(type) && <CustomRows rows={draft.rows} onChange={(rows) => change({ rows })} readOnly={readOnly} />}
        {save.error && <ErrorMessage error={save.error} title="The connection was not saved." />}
        {connection && <TrialResult connection={connection} isChanged={isChanged} />}
      </form>
      {!readOnly && (
        <footer className={styles.actions}>
          {connection && (
            <Button
              variant="danger"
              size="large"
              icon={<IconTrash size={16} stroke={1.5} aria-hidden />}
              onClick={() => onDelete(connection)}
            >
              Delete connection
            </Button>
          )}
          <span className="grow" />
          {isChanged && connection && (
            <Button size="large" variant="ghost" onClick={() => setDraft(initial)}>
              Discard
            </Button>
          )}
          <Button
            type="submit"
            form="connection-form"
            size="large"
            variant="primary"
            busy={save.isPending}
            disabledReason={problem ?? (connection && !isChanged ? 'Nothing has been changed.' : null)}
          >
            {connection ? 'Save connection' : 'Create connection'}
          </Button>
        </footer>
      )}
    </section>
  )
}

/** How one signs in decides what else is asked. */
function signInFirst(fields: readonly ConnectionField[]): ConnectionField[] {
  return [...fields].sort((one, other) => Number(other.name === 'auth_mode') - Number(one.name === 'auth_mode'))
}

function withValue(values: Record<string, string>, name: string, value: string | undefined): Record<string, string> {
  const { [name]: _, ...rest } = values
  return value === undefined ? rest : { ...rest, [name]: value }
}

interface ScopeLineProps {
  scope: Scope
  onChange: (scope: Scope) => void
  isNew: boolean
  isAdmin: boolean
}

function ScopeLine({ scope, onChange, isNew, isAdmin }: ScopeLineProps) {
  const shown = scopes.find((each) => each.value === scope)
  return (
    <div className={styles.line}>
      <span className={styles.label}>Scope</span>
      <div className="row">
        {isNew && isAdmin ? (
          <SegmentedControl label="Scope" value={scope} onChange={onChange} options={scopes} />
        ) : (
          <>
            {shown?.icon}
            {shown?.label}
          </>
        )}
        <span className="small secondary">
          {scope === 'workspace' ? 'All may use it, admins may change it.' : 'Your own flows may use it.'}
        </span>
      </div>
    </div>
  )
}
