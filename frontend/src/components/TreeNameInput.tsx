import { useEffect, useRef, useState } from 'react'
import { classes } from '../lib/classes'
import styles from './Tree.module.css'

interface TreeNameInputProps {
  initial: string
  problem: (name: string) => string | null
  /** The new name, or null when it was given up or left as it was. */
  onDone: (name: string | null) => void
}

/** The name of a row while it is being edited. Enter and leaving keep a good name, Escape gives up. */
export function TreeNameInput({ initial, problem, onDone }: TreeNameInputProps) {
  const [name, setName] = useState(initial)
  const input = useRef<HTMLInputElement>(null)
  const done = useRef(false)
  const wrong = name === '' || name === initial ? null : problem(name)

  useEffect(() => {
    const element = input.current
    if (!element) return
    element.focus()
    const dot = initial.lastIndexOf('.')
    element.setSelectionRange(0, dot > 0 ? dot : initial.length)
  }, [initial])

  function finish(value: string | null) {
    if (done.current) return
    done.current = true
    onDone(value)
  }

  return (
    <>
      <input
        ref={input}
        aria-label="Name"
        aria-invalid={wrong !== null}
        className={classes(styles.input, wrong !== null && styles.invalid)}
        value={name}
        onChange={(event) => setName(event.target.value)}
        onClick={(event) => event.stopPropagation()}
        onKeyDown={(event) => {
          event.stopPropagation()
          if (event.key === 'Escape') finish(null)
          if (event.key === 'Enter' && !wrong) finish(name === '' || name === initial ? null : name)
        }}
        onBlur={() => finish(name === '' || name === initial || wrong ? null : name)}
      />
      {wrong && (
        <span role="alert" className={styles.problem}>
          {wrong}
        </span>
      )}
    </>
  )
}
