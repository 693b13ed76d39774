import { classes } from '../../lib/classes'
import styles from './DiffView.module.css'
import { type Hunk, markWords, type PatchLine, type PatchPair, type Piece, pairLines } from './patch'

interface HunkProps {
  hunk: Hunk
  isFirst: boolean
}

const signs = { same: ' ', removed: '-', added: '+' } as const
const said = { same: '', removed: 'Removed: ', added: 'Added: ' } as const

/** The words to mark in each line: those of lines that stand beside what they became. */
function marksOf(pairs: readonly PatchPair[]): Map<PatchLine, Piece[]> {
  const marks = new Map<PatchLine, Piece[]>()
  for (const { left, right } of pairs) {
    if (left?.kind !== 'removed' || right?.kind !== 'added') continue
    const marked = markWords(left.text, right.text)
    if (!marked) continue
    marks.set(left, marked.before)
    marks.set(right, marked.after)
  }
  return marks
}

/** Removed lines over added ones, with the numbers of both sides. */
export function InlineHunk({ hunk, isFirst }: HunkProps) {
  const marks = marksOf(pairLines(hunk.lines))
  return (
    <>
      <Heading hunk={hunk} isFirst={isFirst} />
      {hunk.lines.map((line) => (
        <div key={keyOf(line)} className={classes(styles.line, lookOf(line))}>
          <LineNumber of={line.before} />
          <LineNumber of={line.after} />
          <span className={styles.sign} aria-hidden>
            {signs[line.kind]}
          </span>
          <Text line={line} pieces={marks.get(line)} />
        </div>
      ))}
    </>
  )
}

/** The earlier text at the left, the later one at the right. */
export function SplitHunk({ hunk, isFirst }: HunkProps) {
  const pairs = pairLines(hunk.lines)
  const marks = marksOf(pairs)
  return (
    <>
      <Heading hunk={hunk} isFirst={isFirst} />
      {pairs.map(({ left, right }) => (
        <div key={`${left && keyOf(left)} ${right && keyOf(right)}`} className={styles.pair}>
          <Side line={left} number={left?.before ?? null} pieces={left ? marks.get(left) : undefined} />
          <Side line={right} number={right?.after ?? null} pieces={right ? marks.get(right) : undefined} />
        </div>
      ))}
    </>
  )
}

interface SideProps {
  line: PatchLine | null
  number: number | null
  pieces: Piece[] | undefined
}

function Side({ line, number, pieces }: SideProps) {
  if (!line) return <div className={styles.nothing} />
  return (
    <div className={classes(styles.line, styles.half, lookOf(line))}>
      <LineNumber of={number} />
      <Text line={line} pieces={pieces} />
    </div>
  )
}

const keyOf = (line: PatchLine): string => `${line.before ?? ''}:${line.after ?? ''}`

const lookOf = (line: PatchLine): string | undefined =>
  line.kind === 'added' ? styles.added : line.kind === 'removed' ? styles.removed : undefined

function Heading({ hunk, isFirst }: HunkProps) {
  if (isFirst && !hunk.heading) return null
  return (
    <div className={styles.heading}>
      <span aria-hidden>⋯</span> {hunk.heading}
    </div>
  )
}

/** A line's number; drawn by the style sheet, so that copying a line leaves it out. */
function LineNumber({ of }: { of: number | null }) {
  return <span className={styles.number} data-number={of ?? ''} aria-hidden />
}

function Text({ line, pieces }: { line: PatchLine; pieces: Piece[] | undefined }) {
  const Mark = line.kind === 'removed' ? 'del' : 'ins'
  return (
    <span className={styles.text}>
      {line.kind !== 'same' && <span className="visually-hidden">{said[line.kind]}</span>}
      {pieces
        ? pieces.map((piece, index) =>
            piece.isChanged ? (
              // biome-ignore lint/suspicious/noArrayIndexKey: pieces of a fixed text.
              <Mark key={index} className={styles.word}>
                {piece.text}
              </Mark>
            ) : (
              piece.text
            ),
          )
        : line.text || ' '}
      {line.isUnended && (
        <span className={styles.unended} title="The file ends here without a line break">
          no line break at the end
        </span>
      )}
    </span>
  )
}
