import { useQuery } from '@tanstack/react-query'
import { connectionsQuery } from '../../../api/connections'
import type { Flow } from '../../../api/flows'
import { SelectField, TextArea, TextField } from '../../../components/Field'
import type { Json } from '../../../yaml/scalars'
import { ImageField } from '../images/ImageField'
import { typedValue, typeProblem, valueText } from '../values'
import styles from './entry.module.css'
import { ModelField } from './ModelField'

export interface PortFieldProps {
  port: Flow['inputs'][number]
  value: Json | undefined
  format: string
  onChange: (value: Json | undefined) => void
}

/** One thing that a run is given, in a control that fits its type. */
export function PortField(props: PortFieldProps) {
  const { port, value, onChange } = props
  const { name, type } = port
  if (type.endsWith('ModelConfiguration')) return <ModelField {...props} />
  if (type.endsWith('Connection')) return <ConnectionField {...props} />
  if (type === 'image') return <LabelledImage {...props} />
  if (type === 'bool') {
    const options = [
      { value: '', label: fallbackText(port) },
      { value: 'true', label: 'true' },
      { value: 'false', label: 'false' },
    ]
    const choose = (text: string) => onChange(text === '' ? undefined : text)
    return <SelectField label={name} value={valueText(value)} options={options} onChange={choose} size="medium" />
  }
  return <TextualField {...props} />
}

function TextualField({ port, value, onChange }: PortFieldProps) {
  const { name, type } = port
  const text = typeof value === 'string' ? value : shown(value)
  const problem = text === '' ? null : typeProblem(typedValue(text, type), type)
  const common = {
    label: name,
    value: text,
    placeholder: fallbackText(port),
    hint: port.description ?? undefined,
    problem,
    onChange,
  }
  if (type === 'int' || type === 'double') return <TextField {...common} size="medium" mono inputMode="decimal" />
  const isValue = type === 'list' || type === 'object'
  return <TextArea {...common} mono={isValue} rows={Math.min(8, text.split('\n').length)} />
}

/** What stands for an input that is left empty. */
function fallbackText({ has_default, default: value, type }: PortFieldProps['port']): string {
  if (!has_default) return type === 'string' ? 'Needs a text' : `Needs a value (${type})`
  return value === null || value === '' || value === undefined
    ? 'May stay empty'
    : `Default: ${valueText(value as Json)}`
}

/** Lists and objects on lines of their own, so that they can be edited. */
function shown(value: Json | undefined): string {
  return typeof value === 'object' && value !== null && JSON.stringify(value).length > 40
    ? JSON.stringify(value, null, 2)
    : valueText(value)
}

function ConnectionField({ port, value, onChange }: PortFieldProps) {
  const options = useConnectionOptions(fallbackText(port))
  const choose = (text: string) => onChange(text === '' ? undefined : text)
  return <SelectField label={port.name} value={valueText(value)} options={options} onChange={choose} size="medium" />
}

/** The connections to choose from; `none` names the choice of none. */
export function useConnectionOptions(none: string): { value: string; label: string }[] {
  const { data } = useQuery(connectionsQuery)
  const names = [...new Set((data ?? []).map((connection) => connection.name))]
  return [{ value: '', label: none }, ...names.map((name) => ({ value: name, label: name }))]
}

function LabelledImage({ port, value, format, onChange }: PortFieldProps) {
  return (
    <div className={styles.labelled}>
      <span className="secondary small" aria-hidden>
        {port.name}
      </span>
      <ImageField label={port.name} value={value} format={format} onChange={onChange} />
    </div>
  )
}
