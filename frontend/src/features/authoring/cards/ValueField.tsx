import { IconChevronDown } from '@tabler/icons-react'
import { type KeyboardEvent, type RefObject, useEffect, useId, useLayoutEffect, useRef, useState } from 'react'
import { classes } from '../../../lib/classes'
import styles from './fields.module.css'

export interface FieldOption {
  value: string
  /** A word about it at the right, such as its type. */
  detail?: string | undefined
}

interface ValueFieldProps {
  /** The accessible name. */
  label: string
  value: string
  onCommit: (text: string) => void
  options: readonly FieldOption[]
  readOnly?: boolean | undefined
  quiet?: boolean | undefined
  placeholder?: string | undefined
  /** Shown at the end of a literal, such as its type. */
  hint?: string | undefined
  problem?: string | null | undefined
}

const mostHeight = 280

const isReference = (text: string) => /^\$\{[^}]+\}$/.test(text)

/** A text with proposals: references for the most part. Anything can be typed as well. */
export function ValueField(props: ValueFieldProps) {
  return props.value.includes('\n') ? <LongField {...props} /> : <ComboField {...props} />
}

function ComboField(props: ValueFieldProps) {
  const { label, quiet, problem, options, readOnly } = props
  const input = useRef<HTMLInputElement>(null)
  const id = useId()
  const combo = useCombo(props)
  return (
    <span className={styles.holder}>
      <span className={classes(styles.box, quiet && styles.quiet, problem && styles.invalid)}>
        <ComboInput {...props} ref={input} id={id} combo={combo} />
        {options.length > 0 && !readOnly && (
          <IconChevronDown
            size={14}
            stroke={1.5}
            aria-hidden
            className={styles.chevron}
            onPointerDown={(event) => {
              event.preventDefault()
              input.current?.focus()
              combo.toggle()
            }}
          />
        )}
      </span>
      {problem && (
        <span id={`${id}-problem`} className={styles.problem}>
          {problem}
        </span>
      )}
      {combo.isListed && (
        <OptionList
          id={id}
          label={label}
          anchor={input.current}
          options={combo.shown}
          active={combo.active}
          onPick={combo.commit}
          onClose={combo.close}
        />
      )}
    </span>
  )
}

/** What is typed, which proposals fit, and which of them the arrow keys are at. */
function useCombo({ value, onCommit, options, readOnly }: ValueFieldProps) {
  const [text, setText] = useState(value)
  const [isOpen, setOpen] = useState(false)
  const [isFiltering, setFiltering] = useState(false)
  const [active, setActive] = useState(-1)
  useEffect(() => setText(value), [value])
  const needle = text
    .replace(/^\$\{?/, '')
    .replace(/\}$/, '')
    .toLowerCase()
  const shown = isFiltering ? options.filter((option) => option.value.toLowerCase().includes(needle)) : options
  const isListed = isOpen && shown.length > 0 && !readOnly
  const close = () => {
    setOpen(false)
    setFiltering(false)
    setActive(-1)
  }
  return {
    text,
    shown,
    active,
    isListed,
    close,
    open: () => setOpen(true),
    toggle: () => setOpen((open) => !open),
    commit: (next: string) => {
      setText(next)
      close()
      if (next !== value && !readOnly) onCommit(next)
    },
    type: (next: string) => {
      setText(next)
      setOpen(true)
      setFiltering(true)
      setActive(-1)
    },
    reset: () => setText(value),
    move: (step: number) => {
      if (!isListed) setOpen(true)
      setActive((at) => (at + step + shown.length) % Math.max(1, shown.length))
    },
  }
}

type Combo = ReturnType<typeof useCombo>

interface ComboInputProps extends ValueFieldProps {
  id: string
  combo: Combo
  ref: RefObject<HTMLInputElement | null>
}

function ComboInput(props: ComboInputProps) {
  const { id, combo, ref, label, readOnly, placeholder, hint, problem } = props
  const { text, isListed, active } = combo
  const [isFocused, setFocused] = useState(false)
  const showsPill = !isFocused && isReference(text)
  return (
    <>
      <input
        ref={ref}
        role="combobox"
        aria-label={label}
        aria-expanded={isListed}
        aria-controls={isListed ? id : undefined}
        aria-activedescendant={isListed && active >= 0 ? `${id}-${active}` : undefined}
        aria-autocomplete="list"
        aria-invalid={problem ? true : undefined}
        aria-describedby={problem ? `${id}-problem` : undefined}
        className={classes(styles.bare, isReference(text) && 'mono', showsPill && styles.unseen)}
        value={text}
        title={text}
        readOnly={readOnly}
        placeholder={placeholder}
        onFocus={() => setFocused(true)}
        onChange={(event) => combo.type(event.target.value)}
        onClick={combo.open}
        onBlur={() => {
          setFocused(false)
          combo.commit(text)
        }}
        onKeyDown={(event) => comboKey(event, props)}
      />
      {showsPill && (
        <span className={styles.pillLine} aria-hidden>
          <span className={styles.pill}>{text}</span>
        </span>
      )}
      {hint && !isReference(text) && <span className={styles.hint}>{hint}</span>}
    </>
  )
}

function comboKey(event: KeyboardEvent<HTMLInputElement>, { combo, value, options, readOnly }: ComboInputProps): void {
  const { text, shown, active, isListed } = combo
  if (event.key === 'Enter' && !event.ctrlKey && !event.metaKey) {
    event.preventDefault()
    combo.commit(isListed && active >= 0 ? (shown[active]?.value ?? text) : text)
  } else if (event.key === 'Escape') {
    if (isListed || text !== value) event.stopPropagation()
    if (!isListed) combo.reset()
    combo.close()
  } else if (event.key === 'ArrowDown' || event.key === 'ArrowUp') {
    if (readOnly || options.length === 0) return
    event.preventDefault()
    combo.move(event.key === 'ArrowDown' ? 1 : -1)
  }
}

interface OptionListProps {
  id: string
  label: string
  anchor: HTMLElement | null
  options: readonly FieldOption[]
  active: number
  onPick: (value: string) => void
  onClose: () => void
}

function OptionList({ id, label, anchor, options, active, onPick, onClose }: OptionListProps) {
  const list = useRef<HTMLDivElement>(null)
  useLayoutEffect(() => {
    const place = () => list.current && anchor?.parentElement && placeList(list.current, anchor.parentElement)
    place()
    addEventListener('scroll', place, true)
    addEventListener('resize', onClose)
    return () => {
      removeEventListener('scroll', place, true)
      removeEventListener('resize', onClose)
    }
  })
  useEffect(() => {
    list.current?.children[active]?.scrollIntoView({ block: 'nearest' })
  }, [active])
  return (
    <div ref={list} id={id} role="listbox" aria-label={`Values for ${label}`} className={styles.list}>
      {options.map((option, index) => (
        // biome-ignore lint/a11y/useKeyWithClickEvents: the field keeps the focus and handles the keys.
        // biome-ignore lint/a11y/useFocusableInteractive: the field names the active option.
        <div
          key={option.value}
          id={`${id}-${index}`}
          role="option"
          aria-selected={index === active}
          className={classes(styles.option, index === active && styles.active)}
          onPointerDown={(event) => event.preventDefault()}
          onClick={() => onPick(option.value)}
        >
          <span className={classes(isReference(option.value) && styles.pill, 'truncate')}>{option.value}</span>
          {option.detail && <span className={styles.detail}>{option.detail}</span>}
        </div>
      ))}
    </div>
  )
}

/** Below the field, or above it where there is more room. */
function placeList(list: HTMLElement, field: HTMLElement): void {
  const box = field.getBoundingClientRect()
  const below = innerHeight - box.bottom - 12
  const height = Math.min(list.scrollHeight + 2, mostHeight)
  const goesUp = below < Math.min(height, 140) && box.top > below
  Object.assign(list.style, {
    left: `${box.left}px`,
    minWidth: `${box.width}px`,
    maxHeight: `${Math.min(mostHeight, goesUp ? box.top - 12 : below)}px`,
    top: goesUp ? '' : `${box.bottom + 4}px`,
    bottom: goesUp ? `${innerHeight - box.top + 4}px` : '',
  })
}

/** A text of several lines. */
function LongField({ label, value, onCommit, readOnly, quiet }: ValueFieldProps) {
  const [text, setText] = useState(value)
  useEffect(() => setText(value), [value])
  return (
    <textarea
      aria-label={label}
      className={classes(styles.long, quiet && styles.quiet)}
      value={text}
      readOnly={readOnly}
      rows={Math.min(6, value.split('\n').length)}
      onChange={(event) => setText(event.target.value)}
      onBlur={() => text !== value && onCommit(text)}
      onKeyDown={(event) => event.key === 'Escape' && setText(value)}
    />
  )
}
