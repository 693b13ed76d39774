import { SelectField, TextField } from '../../../components/Field'
import type { Json } from '../../../yaml/scalars'
import { parsedMap, valueText } from '../values'
import styles from './entry.module.css'
import { type PortFieldProps, useConnectionOptions } from './PortField'

/** Which model a class is made with: a connection and the model behind it. */
export function ModelField({ port, value, onChange }: PortFieldProps) {
  const configuration = parsedMap(value)
  const options = useConnectionOptions('As it is written')
  const key = port.type.startsWith('Azure') ? 'azure_deployment' : 'model'
  const model = valueText(configuration[key])
  const connection = valueText(configuration.connection)
  const known = options.some((option) => option.value === connection)
  const choose = (name: string) => {
    // A connection brings address and key, and stands beside neither.
    onChange(name === '' ? undefined : ({ connection: name, [key]: model } satisfies Json))
  }
  return (
    <fieldset className={styles.model}>
      <legend className="secondary small">{port.name}</legend>
      <SelectField
        label="Connection"
        inline
        size="medium"
        value={connection}
        options={known ? options : [...options, { value: connection, label: connection }]}
        onChange={choose}
      />
      <TextField
        label={key === 'model' ? 'Model' : 'Deployment'}
        inline
        size="medium"
        mono
        value={model}
        placeholder={key === 'model' ? 'Name of the model' : 'Name of the deployment'}
        onChange={(text) => onChange({ ...configuration, [key]: text })}
      />
    </fieldset>
  )
}
