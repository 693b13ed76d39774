import { IconGitFork, IconLink, IconMessage } from '@tabler/icons-react'
import { type KeyboardEvent, useMemo, useState } from 'react'
import { useStore } from 'zustand'
import { KindIcon, TintedIcon } from '../../../components/Kind'
import { StatusIcon } from '../../../components/Status'
import { classes } from '../../../lib/classes'
import { formatCount, formatDuration } from '../../../lib/format'
import { baseName } from '../../../lib/paths'
import { useAuthoring, useModel } from '../state/context'
import { durationText } from '../values'
import styles from './drawer.module.css'
import { SpanDetail } from './SpanDetail'
import { type Span, spansOf } from './spans'
import { useShownRun } from './useShownRun'

/** The run as a waterfall; the chosen part with what went in and came out. */
export function TracePanel() {
  const { session, page } = useAuthoring()
  const run = useShownRun()
  const model = useModel()
  const selectedNode = useStore(page, (state) => state.selected)
  const [chosen, setChosen] = useState<string | null>(null)
  const spans = useMemo(() => {
    const kinds = new Map(model.nodes.map((node) => [node.name, node.body.type]))
    return run ? spansOf(run, baseName(session.address), kinds) : []
  }, [run, model, session])
  if (!run) return <p className={styles.empty}>Run the flow to see here when each node ran and what it was given.</p>
  const span =
    spans.find((each) => each.id === chosen && (each.node === null || each.node === selectedNode)) ??
    spans.find((each) => each.node !== null && each.node === selectedNode) ??
    spans[0]
  const total = Math.max(0.001, ...spans.map((each) => (each.start ?? 0) + (each.duration ?? 0)))
  const choose = (next: Span) => {
    setChosen(next.id)
    if (next.node !== null) page.setState({ selected: next.node })
  }
  return (
    <div className={styles.trace}>
      <div className={styles.waterfall}>
        <div className={styles.spanHead}>
          <span>Span</span>
          <span className="number">Time</span>
          <span className="number">Tokens</span>
          <Ticks total={total} />
        </div>
        <SpanList spans={spans} current={span} total={total} onChoose={choose} />
      </div>
      {span && <SpanDetail span={span} />}
    </div>
  )
}

function Ticks({ total }: { total: number }) {
  return (
    <span className={styles.ticks} aria-hidden>
      {[0, 1, 2, 3].map((part) => (
        <span key={part}>{part === 0 ? '0 s' : formatDuration((total * part) / 3)}</span>
      ))}
    </span>
  )
}

interface SpanListProps {
  spans: Span[]
  current: Span | undefined
  total: number
  onChoose: (span: Span) => void
}

function SpanList({ spans, current, total, onChoose }: SpanListProps) {
  const at = current ? spans.indexOf(current) : 0
  function key(event: KeyboardEvent<HTMLDivElement>) {
    const step = event.key === 'ArrowDown' ? 1 : event.key === 'ArrowUp' ? -1 : 0
    const next = spans[at + step]
    if (step === 0 || !next) return
    event.preventDefault()
    onChoose(next)
  }
  return (
    <div
      role="listbox"
      aria-label="Spans"
      tabIndex={0}
      aria-activedescendant={`span-${at}`}
      className={styles.spans}
      onKeyDown={key}
    >
      {spans.map((span, index) => (
        // biome-ignore lint/a11y/useKeyWithClickEvents: keys are handled by the list, which keeps the focus.
        // biome-ignore lint/a11y/useFocusableInteractive: the list holds focus and names the current span.
        <div
          key={span.id}
          id={`span-${index}`}
          role="option"
          aria-selected={span === current}
          className={classes(
            styles.span,
            span === current && styles.current,
            span.status === 'failed' && styles.failedSpan,
          )}
          onClick={() => onChoose(span)}
        >
          <span className={styles.spanName} style={{ paddingLeft: span.depth * 16 }}>
            <SpanIcon span={span} />
            <span className="truncate">{span.name}</span>
            {span.status !== 'completed' && <StatusIcon status={span.status} />}
          </span>
          <span className="number">{span.duration === null ? '' : durationText(span.duration)}</span>
          <span className="number secondary">{span.tokens > 0 ? formatCount(span.tokens) : ''}</span>
          <span className={styles.lane} aria-hidden>
            {span.start !== null && span.duration !== null && (
              <span
                className={styles.bar}
                data-kind={span.kind ?? (span.isModelCall ? 'llm' : span.depth > 0 ? 'tool' : 'io')}
                style={{
                  left: `${(span.start / total) * 100}%`,
                  width: `max(2px, ${(span.duration / total) * 100}%)`,
                }}
              />
            )}
          </span>
        </div>
      ))}
    </div>
  )
}

export function SpanIcon({ span }: { span: Span }) {
  if (span.kind) return <KindIcon kind={span.kind} />
  const look = { size: 14, stroke: 1.5, 'aria-hidden': true } as const
  if (span.depth === 0) {
    return (
      <TintedIcon kind="io">
        <IconGitFork {...look} />
      </TintedIcon>
    )
  }
  return (
    <TintedIcon kind={span.isModelCall ? 'llm' : 'tool'}>
      {span.isModelCall ? <IconMessage {...look} /> : <IconLink {...look} />}
    </TintedIcon>
  )
}
