import { useMemo } from 'react'
import { Markdown } from '../../../components/Markdown'
import { ErrorMessage } from '../../../components/Note'
import { type Cell, type Output, readNotebook } from './notebook'
import styles from './preview.module.css'

function attempt(text: string): Cell[] | Error {
  try {
    return readNotebook(text)
  } catch (error) {
    return error instanceof Error ? error : new Error(String(error))
  }
}

/** A notebook to read: its text, code and outputs. None of it runs. */
export function Notebook({ text }: { text: string }) {
  const cells = useMemo(() => attempt(text), [text])
  if (cells instanceof Error) {
    return <ErrorMessage bar title="This notebook cannot be read; its text can be repaired." error={cells} />
  }
  return (
    <div className={styles.page}>
      {cells.length === 0 && <p className="secondary">This notebook has no cells yet.</p>}
      {cells.map((cell, index) => (
        // biome-ignore lint/suspicious/noArrayIndexKey: cells of a text have no identity but their place.
        <CellView key={index} cell={cell} />
      ))}
    </div>
  )
}

function CellView({ cell }: { cell: Cell }) {
  if (cell.type === 'markdown') return <Markdown text={cell.text} />
  if (cell.type === 'raw') return <Block text={cell.text} />
  return (
    <div className={styles.cell}>
      <span className={styles.count}>[{cell.count ?? ' '}]</span>
      <div className={styles.cellBody}>
        <Block text={cell.text} isCode />
        {cell.outputs.map((output, index) => (
          // biome-ignore lint/suspicious/noArrayIndexKey: see above.
          <OutputView key={index} output={output} />
        ))}
      </div>
    </div>
  )
}

function OutputView({ output }: { output: Output }) {
  if (output.type === 'picture') return <img src={output.address} alt="Output of the cell" className={styles.picture} />
  if (output.type === 'left out') {
    return <p className="small secondary">An output that is not shown here: {output.what || 'empty'}.</p>
  }
  return <Block text={output.text} isError={output.isError} />
}

interface BlockProps {
  text: string
  isCode?: boolean
  isError?: boolean
}

function Block({ text, isCode = false, isError = false }: BlockProps) {
  return (
    // biome-ignore lint/a11y/noNoninteractiveTabindex: what scrolls sideways must be reachable by keyboard.
    <pre tabIndex={0} className={styles.block} data-code={isCode || undefined} data-error={isError || undefined}>
      {text}
    </pre>
  )
}
