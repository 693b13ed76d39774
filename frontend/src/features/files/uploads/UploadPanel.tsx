import { IconChevronDown, IconChevronUp, IconRefresh, IconX } from '@tabler/icons-react'
import { type ChangeEvent, useEffect, useRef, useState } from 'react'
import { Button, IconButton } from '../../../components/Button'
import { toast } from '../../../components/Toasts'
import { counted, formatBytes, formatDuration } from '../../../lib/format'
import { uploadQueue } from './queue'
import { type UploadLine, type UploadState, useUploads } from './state'
import styles from './uploads.module.css'

const look = { size: 14, stroke: 1.5, 'aria-hidden': true } as const

/** The uploads of this page: one line for all, and the files when it is unfolded. */
export function UploadPanel() {
  const state = useUploads()
  const [isOpen, setOpen] = useState(false)
  useEffect(() => void uploadQueue.recover(), [])
  const needsPerson = state.lines.some(({ phase }) => phase === 'failed' || phase === 'homeless')
  if (state.files === 0) return state.isPreparing ? <Preparing /> : null
  const isUnfolded = isOpen || needsPerson
  return (
    <section aria-label="Uploads" className={styles.panel}>
      <Overall state={state} isOpen={isUnfolded} onToggle={() => setOpen(!isOpen)} isFixed={needsPerson} />
      {isUnfolded && (
        <ul className={styles.lines}>
          {state.lines.map((line) => (
            <Line key={line.id} line={line} />
          ))}
          {state.more > 0 && <li className={styles.more}>and {counted(state.more, 'more file')}</li>}
        </ul>
      )}
    </section>
  )
}

function Preparing() {
  return (
    <p role="status" className={styles.preparing}>
      Looking at the files…
    </p>
  )
}

interface OverallProps {
  state: UploadState
  isOpen: boolean
  isFixed: boolean
  onToggle: () => void
}

function Overall({ state, isOpen, isFixed, onToggle }: OverallProps) {
  const { done, files, sent, bytes, lines } = state
  const failed = lines.filter(({ phase }) => phase === 'failed').length
  return (
    <div className={styles.overall}>
      <div className={styles.row}>
        <span role="status" className="small truncate">
          {done} of {counted(files, 'file')}, {formatBytes(sent)} of {formatBytes(bytes)}
          {phaseOf(state)}
        </span>
        <span className="grow" />
        {failed > 1 && (
          <IconButton
            size="small"
            label="Try all again"
            icon={<IconRefresh {...look} />}
            onClick={() => uploadQueue.retryAll()}
          />
        )}
        {!isFixed && (
          <IconButton
            size="small"
            label={isOpen ? 'Hide the files' : 'Show the files'}
            aria-expanded={isOpen}
            icon={isOpen ? <IconChevronDown {...look} /> : <IconChevronUp {...look} />}
            onClick={onToggle}
          />
        )}
        <IconButton
          size="small"
          label="Cancel upload"
          icon={<IconX {...look} />}
          onClick={() => uploadQueue.cancelAll()}
        />
      </div>
      <progress aria-label="Upload" value={sent} max={Math.max(1, bytes)} />
    </div>
  )
}

function phaseOf({ lines, secondsLeft }: UploadState): string {
  if (lines.some(({ phase }) => phase === 'broken')) return ' · waiting for the studio'
  return secondsLeft === null ? '' : ` · ${formatDuration(Math.max(1, secondsLeft))} left`
}

function Line({ line }: { line: UploadLine }) {
  const { id, name, path, size, sent, phase, problem } = line
  return (
    <li className={styles.line} title={path} data-phase={phase}>
      <div className={styles.row}>
        <span className="truncate">{name}</span>
        <span className="grow" />
        {phase !== 'homeless' && <span className={`${styles.word} small secondary`}>{wordOf(line)}</span>}
        {phase === 'failed' && (
          <IconButton
            size="small"
            label={`Try ${name} again`}
            icon={<IconRefresh {...look} />}
            onClick={() => uploadQueue.retry(id)}
          />
        )}
        <IconButton
          size="small"
          label={`Cancel ${name}`}
          icon={<IconX {...look} />}
          onClick={() => uploadQueue.cancel(id)}
        />
      </div>
      {phase === 'homeless' && (
        <div className={styles.row}>
          <span className="small secondary">{wordOf(line)}</span>
          <span className="grow" />
          <FileChooser id={id} name={name} />
        </div>
      )}
      {problem ? (
        <p className={styles.problem} role={phase === 'failed' ? 'alert' : undefined}>
          {problem}
        </p>
      ) : (
        sent < size && sent > 0 && <progress aria-label={name} value={sent} max={size} />
      )}
    </li>
  )
}

function wordOf({ size, sent, phase }: UploadLine): string {
  const percent = size === 0 ? 0 : Math.floor((100 * sent) / size)
  if (phase === 'waiting') return sent > 0 ? `${percent} %` : formatBytes(size)
  if (phase === 'homeless') return `Stopped at ${percent} %`
  if (phase === 'failed') return 'failed'
  return phase === 'broken' ? `stopped at ${percent} %, trying again` : `${percent} % of ${formatBytes(size)}`
}

/** After a reload the browser must be given the file again. */
function FileChooser({ id, name }: { id: number; name: string }) {
  const input = useRef<HTMLInputElement>(null)
  function take({ target }: ChangeEvent<HTMLInputElement>) {
    const file = target.files?.[0]
    target.value = ''
    if (file && !uploadQueue.give(id, file)) {
      toast.fail(new Error(`${file.name} is not the file that was being uploaded. Choose ${name} as it was then.`))
    }
  }
  return (
    <>
      <Button size="small" onClick={() => input.current?.click()}>
        Choose file again
      </Button>
      <input ref={input} type="file" hidden aria-label={`The file of ${name}`} onChange={take} />
    </>
  )
}
