import { IconPlus, IconTrash } from '@tabler/icons-react'
import { Button, IconButton } from '../../components/Button'
import { Checkbox, TextField } from '../../components/Field'
import styles from './ConnectionsPage.module.css'
import { type CustomRow, newRow } from './draft'
import { SecretInput } from './FieldInput'

interface CustomRowsProps {
  rows: readonly CustomRow[]
  onChange: (rows: CustomRow[]) => void
  readOnly: boolean
}

/** The keys and values of a custom connection; a tick makes one a secret. */
export function CustomRows({ rows, onChange, readOnly }: CustomRowsProps) {
  const change = (id: number, part: Partial<CustomRow>) =>
    onChange(rows.map((row) => (row.id === id ? { ...row, ...part } : row)))
  return (
    <fieldset className={styles.rows}>
      <legend className="section-title">Keys and values</legend>
      {rows.map((row, index) => (
        <div key={row.id} className={styles.row}>
          <TextField
            label={`Key ${index + 1}`}
            hideLabel
            placeholder="Key"
            mono
            value={row.key}
            readOnly={readOnly || row.stored}
            onChange={(key) => change(row.id, { key })}
          />
          {row.secret ? (
            <SecretInput
              label={`Value of ${row.key || `key ${index + 1}`}`}
              hideLabel
              isStored={row.stored}
              value={row.value}
              readOnly={readOnly}
              onChange={(value) => change(row.id, { value })}
            />
          ) : (
            <TextField
              label={`Value of ${row.key || `key ${index + 1}`}`}
              hideLabel
              placeholder="Value"
              mono
              value={row.value ?? ''}
              readOnly={readOnly}
              onChange={(value) => change(row.id, { value })}
            />
          )}
          <Checkbox
            label="Secret"
            checked={row.secret}
            disabled={readOnly || row.stored}
            onChange={(secret) => change(row.id, { secret })}
          />
          {!readOnly && (
            <IconButton
              label={`Remove ${row.key || `key ${index + 1}`}`}
              icon={<IconTrash size={16} stroke={1.5} aria-hidden />}
              onClick={() => onChange(rows.filter((each) => each.id !== row.id))}
            />
          )}
        </div>
      ))}
      {!readOnly && (
        <span>
          <Button
            size="small"
            icon={<IconPlus size={14} stroke={1.5} aria-hidden />}
            onClick={() => onChange([...rows, newRow()])}
          >
            Add a key
          </Button>
        </span>
      )}
    </fieldset>
  )
}
