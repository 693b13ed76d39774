import { classes } from '../lib/classes'
import styles from './Avatar.module.css'
import type { NodeKind } from './Kind'

const hues: NodeKind[] = ['llm', 'tool', 'prompt', 'python']

function initials(name: string): string {
  const words = name.split(/[^\p{L}\p{N}]+/u).filter(Boolean)
  const letters = words.length > 1 ? words.slice(0, 2).map((word) => [...word][0]) : [...(words[0] ?? '?')].slice(0, 2)
  return letters.join('').toUpperCase()
}

function hue(name: string): NodeKind {
  let sum = 0
  for (const letter of name) sum = (sum * 31 + (letter.codePointAt(0) ?? 0)) % 997
  return hues[sum % hues.length] ?? 'llm'
}

/** A person's initials. The name stands beside it or in the control's label. */
export function Avatar({ name, large }: { name: string; large?: boolean }) {
  return (
    <span
      className={classes(styles.avatar, large && styles.large)}
      data-kind={hue(name)}
      data-initials={initials(name)}
      aria-hidden
    />
  )
}
