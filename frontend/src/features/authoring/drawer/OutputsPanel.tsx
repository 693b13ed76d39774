import { lazy, Suspense } from 'react'
import { useStore } from 'zustand'
import { ErrorMessage, Note } from '../../../components/Note'
import { StatusIcon } from '../../../components/Status'
import { classes } from '../../../lib/classes'
import { formatCount } from '../../../lib/format'
import type { Json } from '../../../yaml/scalars'
import { LongText } from '../LongText'
import { plainError, type RunRecord, saidSoFar } from '../run/types'
import { useAuthoring } from '../state/context'
import { durationText, mayHoldImage, previewOf, shownValue } from '../values'
import styles from './drawer.module.css'
import { useShownRun } from './useShownRun'

const ValueWithImages = lazy(() =>
  import('../images/ValueWithImages').then((module) => ({ default: module.ValueWithImages })),
)

const time = new Intl.DateTimeFormat('en', { hour: '2-digit', minute: '2-digit', second: '2-digit', hourCycle: 'h23' })

/** The test runs of this visit, and what the chosen one produced. */
export function OutputsPanel() {
  const { runs } = useAuthoring()
  const all = useStore(runs.view, (view) => view.runs)
  const shown = useShownRun()
  if (!shown) {
    return <p className={styles.empty}>Run the flow to see here what it answers, with the time and tokens it took.</p>
  }
  return (
    <div className={styles.outputs}>
      <ul aria-label="Test runs" className={styles.runs}>
        {all.map((run) => (
          <li key={run.id}>
            <button
              type="button"
              aria-current={run.id === shown.id ? 'true' : undefined}
              className={classes(styles.run, run.id === shown.id && styles.current)}
              onClick={() => runs.show(run.id)}
            >
              <StatusIcon status={run.status} />
              <span>{time.format(run.startedAt)}</span>
              <span className="truncate secondary">{run.variant?.slice(2, -1) ?? run.node ?? 'flow'}</span>
              <span className={styles.runFacts}>{run.duration === null ? '' : durationText(run.duration)}</span>
            </button>
          </li>
        ))}
      </ul>
      <RunOutcome run={shown} />
    </div>
  )
}

function RunOutcome({ run }: { run: RunRecord }) {
  const outputs = outputsOf(run)
  const metrics = Object.entries(run.metrics)
  return (
    <div className={styles.outcome}>
      {run.status === 'failed' && run.error && (
        <ErrorMessage
          title={run.error.node ? `Node ${run.error.node} failed.` : 'The run failed.'}
          error={new Error(withType(run))}
        />
      )}
      {run.status === 'canceled' && <Note>The run was stopped.</Note>}
      {run.status === 'running' && <RunningNow run={run} />}
      <SoFar run={run} />
      {outputs.length > 0 && (
        <dl className={styles.values}>
          {outputs.map(([name, value]) => (
            <Value key={name} name={name} value={value} />
          ))}
        </dl>
      )}
      {run.status === 'completed' && outputs.length === 0 && <p className="secondary">The flow has no outputs.</p>}
      {metrics.length > 0 && (
        <>
          <h3 className="section-title">Metrics</h3>
          <dl className={styles.values}>
            {metrics.map(([name, value]) => (
              <Value key={name} name={name} value={value} />
            ))}
          </dl>
        </>
      )}
      {Object.keys(run.inputs).length > 0 && (
        <details className={styles.inputs}>
          <summary>Inputs of this run</summary>
          <dl className={styles.values}>
            {Object.entries(run.inputs).map(([name, value]) => (
              <Value key={name} name={name} value={value} />
            ))}
          </dl>
        </details>
      )}
    </div>
  )
}

function withType(run: RunRecord): string {
  const { type, message } = plainError(run.error ?? {})
  return type && !message.includes(type) ? `${type}: ${message}` : message
}

/** What the flow has said until now, or had said when it broke off. */
function SoFar({ run }: { run: RunRecord }) {
  const text = run.status === 'completed' ? '' : saidSoFar(run)
  if (text === '') return null
  return (
    <dl className={styles.values}>
      <Value name={run.status === 'running' ? 'so far' : 'until then'} value={text} />
    </dl>
  )
}

function RunningNow({ run }: { run: RunRecord }) {
  if (Object.keys(run.nodes).length === 0) return <p className="secondary">Running</p>
  const names = Object.entries(run.nodes)
    .filter(([, state]) => state.status === 'running')
    .map(([name]) => name)
  const done = Object.values(run.nodes).filter((state) => state.result !== null).length
  return (
    <p className="secondary">
      {names.length > 0 ? `Running ${names.join(', ')}` : 'Starting'} · {formatCount(done)} of{' '}
      {formatCount(Object.keys(run.nodes).length)} nodes done
    </p>
  )
}

function outputsOf(run: RunRecord): [string, Json][] {
  if (run.status !== 'completed') return []
  const { output, node } = run
  if (node === null && typeof output === 'object' && output !== null && !Array.isArray(output)) {
    return Object.entries(output)
  }
  const value = output ?? (node ? (run.nodes[node]?.result?.output ?? null) : null)
  return value === null && node === null ? [] : [[node ?? 'output', value]]
}

function Value({ name, value }: { name: string; value: Json }) {
  const text = shownValue(value)
  const isLong = text.length > 160 || text.includes('\n')
  return (
    <>
      <dt className="mono">{name}</dt>
      <dd>
        {mayHoldImage(value) ? (
          <Suspense>
            <ValueWithImages value={value} />
          </Suspense>
        ) : isLong ? (
          <LongText text={text} />
        ) : (
          <span>{value === null ? previewOf(null) : text}</span>
        )}
      </dd>
    </>
  )
}
