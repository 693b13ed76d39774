import { IconTrash, IconX } from '@tabler/icons-react'
import type { FormEvent } from 'react'
import type { Connection, ConnectionField, ConnectionType } from '../../api/connections'
import { Button, IconButton } from '../../components/Button'
import { TextField } from '../../components/Field'
import { KindBadge } from '../../components/Kind'
import { ErrorMessage, Note } from '../../components/Note'
import { ConnectionIcon, connectionKind } from './ConnectionIcon'
import styles from './ConnectionsPage.module.css'
import { CustomRows } from './CustomRows'
import { fieldTitle, hasSecret, isCustom, isDemo, isShown } from './draft'
import { FieldInput, SecretInput } from './FieldInput'
import { ScopeLine } from './ScopeLine'
import { TrialResult } from './TrialResult'
import { type ConnectionEdit, useConnectionDraft } from './useConnectionDraft'

const formId = 'connection-form'

interface ConnectionPanelProps {
  type: ConnectionType
  /** Null for a new one. */
  connection: Connection | null
  isAdmin: boolean
  onSaved: (connection: Connection) => void
  onDelete: (connection: Connection) => void
  onClose: () => void
}

/** One connection: its fields by type, its secrets replaceable, and a test. */
export function ConnectionPanel({ type, connection, isAdmin, onSaved, onDelete, onClose }: ConnectionPanelProps) {
  const edit = useConnectionDraft(type, connection, onSaved)

  function submit(event: FormEvent) {
    event.preventDefault()
    edit.save()
  }

  return (
    <section className={styles.panel} aria-labelledby="connection-title">
      <header className={styles.head}>
        <ConnectionIcon type={type.type} />
        <h2 id="connection-title" className={`${styles.title} truncate`}>
          {connection?.name ?? 'New connection'}
        </h2>
        <KindBadge kind={connectionKind(type.type)}>{isDemo(connection) ? 'Demo model' : type.title}</KindBadge>
        <span className="grow" />
        <IconButton label="Close panel" icon={<IconX size={16} stroke={1.5} aria-hidden />} onClick={onClose} />
      </header>
      <form id={formId} className={styles.form} onSubmit={submit}>
        {edit.readOnly && <ReadOnlyNote connection={connection} />}
        <TextField
          inline
          label="Name"
          value={edit.draft.name}
          onChange={(name) => edit.change({ name })}
          readOnly={connection !== null}
          hint={connection ? 'Flows refer to it by this name.' : 'Flows will refer to it by this name.'}
          spellCheck={false}
          autoComplete="off"
          autoFocus={connection === null}
          required
        />
        <ScopeLine scope={edit.scope} onChange={edit.setScope} isNew={connection === null} isAdmin={isAdmin} />
        <TypeFields type={type} connection={connection} edit={edit} />
        {edit.error && <ErrorMessage error={edit.error} title="The connection was not saved." />}
        {connection && <TrialResult connection={connection} isChanged={edit.isChanged} />}
      </form>
      {!edit.readOnly && <Foot connection={connection} edit={edit} onDelete={onDelete} />}
    </section>
  )
}

function ReadOnlyNote({ connection }: { connection: Connection | null }) {
  return (
    <Note>
      {isDemo(connection)
        ? 'The demo model is built into the studio. It needs no key and cannot be changed.'
        : 'Only an admin changes what belongs to the workspace.'}
    </Note>
  )
}

interface TypeFieldsProps {
  type: ConnectionType
  connection: Connection | null
  edit: ConnectionEdit
}

function TypeFields({ type, connection, edit }: TypeFieldsProps) {
  const { draft, change, readOnly } = edit
  if (isCustom(type)) return <CustomRows rows={draft.rows} onChange={(rows) => change({ rows })} readOnly={readOnly} />
  return signInFirst(type.fields)
    .filter((field) => isShown(field, draft))
    .map((field) =>
      field.secret ? (
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
    )
}

interface FootProps {
  connection: Connection | null
  edit: ConnectionEdit
  onDelete: (connection: Connection) => void
}

function Foot({ connection, edit, onDelete }: FootProps) {
  return (
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
      {edit.isChanged && connection && (
        <Button size="large" variant="ghost" onClick={edit.discard}>
          Discard
        </Button>
      )}
      <Button
        type="submit"
        form={formId}
        size="large"
        variant="primary"
        busy={edit.isSaving}
        disabledReason={edit.problem ?? (connection && !edit.isChanged ? 'Nothing has been changed.' : null)}
      >
        {connection ? 'Save connection' : 'Create connection'}
      </Button>
    </footer>
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
