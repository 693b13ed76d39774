import { useEffect, useRef, useState } from 'react'
import { classes } from '../../../lib/classes'
import styles from './fields.module.css'

interface CommitFieldProps {
  label: string
  value: string
  onCommit: (value: string) => void
  readOnly?: boolean | undefined
  /** Without a frame until it is pointed at or focused, as in a table. */
  quiet?: boolean | undefined
  mono?: boolean | undefined
  placeholder?: string | undefined
  autoFocus?: boolean | undefined
  onDone?: (() => void) | undefined
  /** Why a text cannot be taken, or null. */
  problem?: ((value: string) => string | null) | undefined
  className?: string | undefined
}

/** A text that is taken over when one leaves the field or presses Enter; Escape gives up. */
export function CommitField(props: CommitFieldProps) {
  const { label, value, onCommit, readOnly, quiet, mono, placeholder, autoFocus, onDone, problem, className } = props
  const [text, setText] = useState(value)
  const input = useRef<HTMLInputElement>(null)
  const wrong = text === value ? null : (problem?.(text) ?? null)
  useEffect(() => setText(value), [value])
  useEffect(() => {
    if (autoFocus) input.current?.select()
  }, [autoFocus])

  function commit() {
    if (text !== value && !wrong && !readOnly) onCommit(text)
    else setText(value)
    onDone?.()
  }

  return (
    <span className={styles.holder}>
      <input
        ref={input}
        aria-label={label}
        aria-invalid={wrong ? true : undefined}
        className={classes(styles.input, quiet && styles.quiet, mono && 'mono', wrong && styles.invalid, className)}
        value={text}
        title={text}
        readOnly={readOnly}
        placeholder={placeholder}
        onChange={(event) => setText(event.target.value)}
        onBlur={commit}
        onKeyDown={(event) => {
          if (event.key === 'Enter' && !event.ctrlKey && !event.metaKey) {
            event.preventDefault()
            if (!wrong) event.currentTarget.blur()
          }
          if (event.key === 'Escape') {
            event.stopPropagation()
            setText(value)
            onDone?.()
          }
        }}
      />
      {wrong && (
        <span role="alert" className={styles.bubble}>
          {wrong}
        </span>
      )}
    </span>
  )
}
