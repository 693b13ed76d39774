import { useEffect, useRef } from 'react'
import { classes } from '../../../lib/classes'
import type { RunRecord } from '../run/types'
import styles from './drawer.module.css'
import { useShownRun } from './useShownRun'

const time = new Intl.DateTimeFormat('en', { hour: '2-digit', minute: '2-digit', second: '2-digit', hourCycle: 'h23' })

interface Line {
  level: string
  node: string | null
  message: string
  at: number | null
}

/** What the run said and its nodes printed. */
export function LogsPanel() {
  const run = useShownRun()
  const end = useRef<HTMLDivElement>(null)
  const lines = run ? linesOf(run) : []
  const isRunning = run?.status === 'running'
  // biome-ignore lint/correctness/useExhaustiveDependencies: each new line is to be seen.
  useEffect(() => {
    if (isRunning) end.current?.scrollIntoView({ block: 'nearest' })
  }, [lines.length, isRunning])
  if (!run) return <p className={styles.empty}>What the flow logs and prints appears here when it runs.</p>
  if (lines.length === 0) return <p className={styles.empty}>This run has logged nothing.</p>
  return (
    <div className={styles.logs}>
      {lines.map((line, index) => (
        // biome-ignore lint/suspicious/noArrayIndexKey: lines are only added at the end.
        <div key={index} className={classes(styles.log, /error|critical|stderr/i.test(line.level) && styles.bad)}>
          <span className="secondary">{line.at === null ? '' : time.format(line.at)}</span>
          <span className="secondary truncate">{line.node ?? ''}</span>
          <span>{line.message}</span>
        </div>
      ))}
      <div ref={end} />
    </div>
  )
}

function linesOf(run: RunRecord): Line[] {
  const lines: Line[] = [...run.logs]
  for (const name of run.order) {
    const { stdout = '', stderr = '' } = run.nodes[name]?.result?.logs ?? {}
    const isLogged = run.logs.some((line) => line.node === name)
    if (isLogged) continue
    for (const message of stdout.trimEnd().split('\n').filter(Boolean)) {
      lines.push({ level: 'stdout', node: name, message, at: null })
    }
    for (const message of stderr.trimEnd().split('\n').filter(Boolean)) {
      lines.push({ level: 'stderr', node: name, message, at: null })
    }
  }
  if (run.error?.traceback) {
    lines.push({ level: 'error', node: run.error.node ?? null, message: run.error.traceback.trimEnd(), at: null })
  }
  return lines
}
