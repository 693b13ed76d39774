import { Button } from '../../components/Button'
import { ErrorMessage } from '../../components/Note'
import { counted, formatBytes, formatDuration } from '../../lib/format'
import styles from './ImportProgress.module.css'
import { forgetImport, useImport } from './importState'

/** How far the import is, with a cancel that works, or why it failed. */
export function ImportProgress() {
  const state = useImport()
  if (state.phase === 'idle') return null
  if (state.phase === 'failed') {
    return (
      <ErrorMessage
        error={state.error}
        title="Nothing was imported."
        actions={
          <Button size="small" onClick={forgetImport}>
            Dismiss
          </Button>
        }
      />
    )
  }
  const known = state.phase === 'sending' && state.total > 0
  return (
    <div className={styles.progress}>
      <span role="status">{sentence(state.phase, state.label, state.files)}</span>
      <progress
        className={styles.bar}
        aria-label="Import"
        {...(known ? { value: state.sent, max: state.total } : {})}
      />
      {known && (
        <span className="small secondary">
          {formatBytes(state.sent)} of {formatBytes(state.total)}
          {timeLeft(state.sent, state.total, state.startedAt)}
        </span>
      )}
      <Button size="small" onClick={forgetImport}>
        Cancel import
      </Button>
    </div>
  )
}

function sentence(phase: string, label: string, files: number): string {
  if (phase === 'reading') return `Reading ${counted(files, 'file')}…`
  if (phase === 'unpacking') return `Writing ${label} to your share…`
  return `Importing ${label}: ${counted(files, 'file')}`
}

function timeLeft(sent: number, total: number, startedAt: number): string {
  const seconds = (Date.now() - startedAt) / 1000
  if (seconds < 2 || sent === 0) return ''
  return `, ${formatDuration((seconds * (total - sent)) / sent)} left`
}
