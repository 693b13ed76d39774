import type { Piece } from './letters'
import styles from './search.module.css'

/** A text with what was looked for in it marked. */
export function Pieces({ pieces }: { pieces: readonly Piece[] }) {
  return pieces.map(({ text, isHit }, index) =>
    isHit ? (
      // biome-ignore lint/suspicious/noArrayIndexKey: pieces of a text have no identity but their place.
      <mark key={index} className={styles.hit}>
        {text}
      </mark>
    ) : (
      text
    ),
  )
}
