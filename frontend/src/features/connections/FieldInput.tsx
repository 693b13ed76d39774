import { IconKey, IconLock } from '@tabler/icons-react'
import type { ConnectionField } from '../../api/connections'
import { Button } from '../../components/Button'
import { Chip } from '../../components/Chip'
import { SegmentedControl, TextField } from '../../components/Field'
import styles from './ConnectionsPage.module.css'
import { fieldTitle } from './draft'

interface FieldInputProps {
  field: ConnectionField
  value: string
  onChange: (value: string) => void
  readOnly: boolean
  isRequired: boolean
}

const choiceTitles: Record<string, string> = { key: 'API key', meid_token: 'Identity of the server' }

export function FieldInput({ field, value, onChange, readOnly, isRequired }: FieldInputProps) {
  const title = fieldTitle(field.name)
  if (field.choices.length > 0 && !readOnly) {
    return (
      <div className={styles.line}>
        <span className={styles.label}>{title}</span>
        <div>
          <SegmentedControl
            label={title}
            value={value}
            onChange={onChange}
            options={field.choices.map((choice) => ({ value: choice, label: choiceTitles[choice] ?? choice }))}
          />
        </div>
      </div>
    )
  }
  return (
    <TextField
      inline
      label={title}
      value={readOnly ? (choiceTitles[value] ?? value) : value}
      onChange={onChange}
      readOnly={readOnly}
      required={isRequired}
      mono
      spellCheck={false}
      autoComplete="off"
      hint={field.description || undefined}
    />
  )
}

interface SecretInputProps {
  label: string
  hint?: string | undefined
  /** There is one on the server, which nobody is shown again. */
  isStored: boolean
  /** Undefined while a stored one stays. */
  value: string | undefined
  onChange: (value: string | undefined) => void
  readOnly: boolean
  hideLabel?: boolean
}

/** A secret goes in and never comes out: a stored one can only be replaced. */
export function SecretInput({ label, hint, isStored, value, onChange, readOnly, hideLabel }: SecretInputProps) {
  const isReplacing = isStored && value !== undefined
  if (isStored && !isReplacing) {
    return (
      <div className={hideLabel ? undefined : styles.line}>
        {!hideLabel && <span className={styles.label}>{label}</span>}
        <div className={styles.secret}>
          <div className={styles.hidden}>
            <IconKey size={14} stroke={1.5} aria-hidden />
            <span aria-hidden>••••••••</span>
            {hideLabel ? (
              <span className="visually-hidden">Hidden</span>
            ) : (
              <Chip icon={<IconLock size={12} stroke={1.5} aria-hidden />}>Hidden</Chip>
            )}
          </div>
          {!readOnly && (
            <Button size="large" aria-label={`Replace ${label}`} onClick={() => onChange('')}>
              Replace
            </Button>
          )}
        </div>
      </div>
    )
  }
  return (
    <div className={styles.secret}>
      <TextField
        inline={!hideLabel}
        hideLabel={hideLabel}
        label={label}
        type="password"
        value={value ?? ''}
        onChange={onChange}
        readOnly={readOnly}
        mono
        autoComplete="new-password"
        autoFocus={isReplacing}
        hint={hint || undefined}
      />
      {isReplacing && (
        <Button size="large" variant="ghost" onClick={() => onChange(undefined)}>
          Keep the old
        </Button>
      )}
    </div>
  )
}
