import { IconAlertCircle, IconChevronDown, IconSearch, IconX } from '@tabler/icons-react'
import {
  type InputHTMLAttributes,
  type ReactNode,
  type Ref,
  type SelectHTMLAttributes,
  type TextareaHTMLAttributes,
  useId,
} from 'react'
import { classes } from '../lib/classes'
import { IconButton } from './Button'
import styles from './Field.module.css'

interface FieldFrameProps {
  label: string
  /** Hides the label's text where the place already says it; the name stays. */
  hideLabel?: boolean | undefined
  /** Label at the left of the control, as in side forms. */
  inline?: boolean | undefined
  hint?: ReactNode
  problem?: ReactNode
}

interface FrameChildProps {
  id: string
  describedBy: string | undefined
}

function FieldFrame(props: FieldFrameProps & { children: (child: FrameChildProps) => ReactNode }) {
  const id = useId()
  const hintId = `${id}hint`
  const note = props.problem ?? props.hint
  return (
    <div className={props.inline ? styles.inline : styles.field}>
      <label htmlFor={id} className={props.hideLabel ? 'visually-hidden' : styles.label}>
        {props.label}
      </label>
      <div className={styles.control}>
        {props.children({ id, describedBy: note ? hintId : undefined })}
        {note && (
          <div
            id={hintId}
            className={props.problem ? styles.problem : styles.hint}
            role={props.problem ? 'alert' : undefined}
          >
            {props.problem && <IconAlertCircle size={14} stroke={1.5} aria-hidden />}
            <span>{note}</span>
          </div>
        )}
      </div>
    </div>
  )
}

type TextFieldProps = FieldFrameProps &
  Omit<InputHTMLAttributes<HTMLInputElement>, 'size' | 'onChange' | 'value'> & {
    value: string
    onChange: (value: string) => void
    size?: 'medium' | 'large'
    icon?: ReactNode
    end?: ReactNode
    mono?: boolean
    ref?: Ref<HTMLInputElement>
  }

export function TextField(props: TextFieldProps) {
  const { label, hideLabel, inline, hint, problem, size = 'large', icon, end, mono, onChange, ...input } = props
  return (
    <FieldFrame label={label} hideLabel={hideLabel} inline={inline} hint={hint} problem={problem}>
      {({ id, describedBy }) => (
        <div className={classes(styles.box, size === 'large' && styles.large, Boolean(problem) && styles.invalid)}>
          {icon}
          <input
            {...input}
            id={id}
            className={mono ? 'mono' : undefined}
            aria-invalid={problem ? true : undefined}
            aria-describedby={describedBy}
            onChange={(event) => onChange(event.target.value)}
          />
          {end}
        </div>
      )}
    </FieldFrame>
  )
}

interface SearchFieldProps {
  label: string
  placeholder?: string
  value: string
  onChange: (value: string) => void
  /** Shown at the end while the field is empty, such as the key that leads here. */
  end?: ReactNode
  ref?: Ref<HTMLInputElement>
}

export function SearchField({ label, placeholder, value, onChange, end, ref }: SearchFieldProps) {
  return (
    <div className={styles.box}>
      <IconSearch size={14} stroke={1.5} aria-hidden />
      <input
        ref={ref}
        type="search"
        aria-label={label}
        placeholder={placeholder}
        value={value}
        onChange={(event) => onChange(event.target.value)}
        onKeyDown={(event) => {
          if (event.key === 'Escape' && value !== '') {
            event.stopPropagation()
            onChange('')
          }
        }}
      />
      {value === '' ? (
        end
      ) : (
        <IconButton
          size="small"
          label="Clear search"
          icon={<IconX size={14} stroke={1.5} aria-hidden />}
          onClick={() => onChange('')}
        />
      )}
    </div>
  )
}

type SelectFieldProps = FieldFrameProps &
  Omit<SelectHTMLAttributes<HTMLSelectElement>, 'size' | 'onChange' | 'value'> & {
    value: string
    onChange: (value: string) => void
    options: readonly { value: string; label: string }[]
    size?: 'medium' | 'large'
    icon?: ReactNode
  }

export function SelectField(props: SelectFieldProps) {
  const { label, hideLabel, inline, hint, problem, size = 'large', icon, options, onChange, ...select } = props
  return (
    <FieldFrame label={label} hideLabel={hideLabel} inline={inline} hint={hint} problem={problem}>
      {({ id, describedBy }) => (
        <div className={classes(styles.box, size === 'large' && styles.large, Boolean(problem) && styles.invalid)}>
          {icon}
          <select {...select} id={id} aria-describedby={describedBy} onChange={(event) => onChange(event.target.value)}>
            {options.map((option) => (
              <option key={option.value} value={option.value}>
                {option.label}
              </option>
            ))}
          </select>
          <IconChevronDown size={14} stroke={1.5} aria-hidden />
        </div>
      )}
    </FieldFrame>
  )
}

type TextAreaProps = FieldFrameProps &
  Omit<TextareaHTMLAttributes<HTMLTextAreaElement>, 'onChange' | 'value'> & {
    value: string
    onChange: (value: string) => void
    mono?: boolean
  }

export function TextArea({ label, hideLabel, inline, hint, problem, mono, onChange, ...area }: TextAreaProps) {
  return (
    <FieldFrame label={label} hideLabel={hideLabel} inline={inline} hint={hint} problem={problem}>
      {({ id, describedBy }) => (
        <textarea
          {...area}
          id={id}
          className={classes(styles.area, mono && 'mono', Boolean(problem) && styles.invalid)}
          aria-invalid={problem ? true : undefined}
          aria-describedby={describedBy}
          onChange={(event) => onChange(event.target.value)}
        />
      )}
    </FieldFrame>
  )
}

interface ToggleProps {
  label: string
  checked: boolean
  onChange: (checked: boolean) => void
  hideLabel?: boolean
  disabled?: boolean
}

export function Checkbox({ label, checked, onChange, hideLabel, disabled }: ToggleProps) {
  return (
    <label className={styles.check}>
      <input
        type="checkbox"
        checked={checked}
        disabled={disabled}
        onChange={(event) => onChange(event.target.checked)}
      />
      <span className={hideLabel ? 'visually-hidden' : undefined}>{label}</span>
    </label>
  )
}

export function Switch({ label, checked, onChange, hideLabel, disabled }: ToggleProps) {
  return (
    <button
      type="button"
      role="switch"
      aria-checked={checked}
      disabled={disabled}
      className={styles.switch}
      onClick={() => onChange(!checked)}
    >
      <span className={styles.track} aria-hidden />
      <span className={hideLabel ? 'visually-hidden' : undefined}>{label}</span>
    </button>
  )
}

interface SegmentedProps<Value extends string> {
  label: string
  value: Value
  onChange: (value: Value) => void
  options: readonly { value: Value; label: string; icon?: ReactNode; count?: number }[]
}

/** One choice of a few, all in sight. */
export function SegmentedControl<Value extends string>({ label, value, onChange, options }: SegmentedProps<Value>) {
  const name = useId()
  return (
    <div role="radiogroup" aria-label={label} className={styles.segments}>
      {options.map((option) => (
        <label key={option.value} className={styles.segment}>
          <input
            type="radio"
            name={name}
            value={option.value}
            checked={option.value === value}
            onChange={() => onChange(option.value)}
          />
          {option.icon}
          <span>{option.label}</span>
          {option.count !== undefined && <span>{option.count}</span>}
        </label>
      ))}
    </div>
  )
}
