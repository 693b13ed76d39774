import { useState } from 'react'
import { SegmentedControl } from '../../../components/Field'
import { Note } from '../../../components/Note'
import { StatusText } from '../../../components/Status'
import { classes } from '../../../lib/classes'
import { formatCount } from '../../../lib/format'
import type { Json } from '../../../yaml/scalars'
import { ValueWithImages } from '../images/ValueWithImages'
import { LongText } from '../LongText'
import { plainError } from '../run/types'
import { durationText, mayHoldImage, shownValue, valueText } from '../values'
import styles from './drawer.module.css'
import { type ChatMessage, messagesOf, parametersOf, type Span } from './spans'
import { SpanIcon } from './TracePanel'

type View = 'messages' | 'values' | 'raw'

const longText = 1200

/** What went into a part of the run and what came out. */
export function SpanDetail({ span }: { span: Span }) {
  const messages = messagesOf(span)
  const [wanted, setWanted] = useState<View>('messages')
  const view: View = messages === null && wanted === 'messages' ? 'values' : wanted
  return (
    <section aria-label={`Span ${span.name}`} className={styles.detail}>
      <header className={styles.detailHead}>
        <SpanIcon span={span} />
        <h3 className="medium truncate">{span.name}</h3>
        {span.node !== null && span.node !== span.name && <span className="secondary small">in {span.node}</span>}
        <span className={styles.detailEnd}>
          <StatusText status={span.status}>
            {span.duration === null ? undefined : durationText(span.duration)}
          </StatusText>
          <SegmentedControl<View>
            label="View of the span"
            value={view}
            onChange={setWanted}
            options={[
              ...(messages ? [{ value: 'messages' as const, label: 'Messages' }] : []),
              { value: 'values', label: 'Values' },
              { value: 'raw', label: 'Raw' },
            ]}
          />
        </span>
      </header>
      <div className={styles.detailBody}>
        {/* biome-ignore lint/a11y/noNoninteractiveTabindex: what scrolls must be reachable by keyboard. */}
        <div className={styles.detailMain} tabIndex={0}>
          <SpanContent span={span} view={view} messages={messages} />
        </div>
        <SpanFacts span={span} parameters={messages === null ? [] : parametersOf(span)} />
      </div>
    </section>
  )
}

interface SpanContentProps {
  span: Span
  view: View
  messages: ChatMessage[] | null
}

function SpanContent({ span, view, messages }: SpanContentProps) {
  return (
    <>
      {span.error?.message && (
        <Note tone="danger">
          <strong className="medium">{plainError(span.error).type} </strong>
          {plainError(span.error).message}
        </Note>
      )}
      {view === 'messages' &&
        messages?.map((message, index) => (
          // biome-ignore lint/suspicious/noArrayIndexKey: messages of one call do not move.
          <Message key={index} message={message} />
        ))}
      {view === 'values' && (
        <>
          <Part title="Inputs" value={span.inputs} />
          <Part title="Output" value={span.output} />
        </>
      )}
      {view === 'raw' && <LongText text={JSON.stringify(rawOf(span), null, 2)} />}
    </>
  )
}

function SpanFacts({ span, parameters }: { span: Span; parameters: [string, Json][] }) {
  const usage = Object.entries(span.usage ?? {}).filter(
    ([name, value]) => /tokens$/.test(name) && typeof value === 'number',
  )
  if (parameters.length === 0 && usage.length === 0) return null
  return (
    <div className={styles.facts2}>
      {parameters.length > 0 && <h4 className="section-title">Parameters</h4>}
      <dl>
        {parameters.map(([name, value]) => (
          <Fact key={name} name={name} value={valueText(value)} />
        ))}
      </dl>
      {usage.length > 0 && <h4 className="section-title">Usage</h4>}
      <dl>
        {usage.map(([name, value]) => (
          <Fact key={name} name={name.replace(/_/g, ' ')} value={formatCount(value)} />
        ))}
      </dl>
    </div>
  )
}

function Fact({ name, value }: { name: string; value: string }) {
  return (
    <>
      <dt className="secondary">{name}</dt>
      <dd className="mono truncate" title={value}>
        {value}
      </dd>
    </>
  )
}

function Message({ message: { role, text, images } }: { message: ChatMessage }) {
  const [isWhole, setWhole] = useState(false)
  const isLong = text.length > longText
  return (
    <article className={classes(styles.bubble, role === 'assistant' && styles.answer)}>
      <header>
        <span className="medium">{role.slice(0, 1).toUpperCase() + role.slice(1)}</span>
        {isLong && (
          <button type="button" className={styles.more} onClick={() => setWhole(!isWhole)}>
            {isWhole ? 'Fold' : `Unfold ${formatCount(text.length)} characters`}
          </button>
        )}
      </header>
      <p>{isLong && !isWhole ? `${text.slice(0, longText)}…` : text}</p>
      {images.map((image, index) => (
        // biome-ignore lint/suspicious/noArrayIndexKey: parts of one message do not move.
        <ValueWithImages key={index} value={image} />
      ))}
    </article>
  )
}

function Part({ title, value }: { title: string; value: Json | undefined }) {
  if (value === undefined || value === null) return null
  const isMap = typeof value === 'object' && !Array.isArray(value)
  return (
    <>
      <h4 className="section-title">{title}</h4>
      {isMap && title === 'Inputs' ? (
        <dl className={styles.values}>
          {Object.entries(value).map(([name, each]) => (
            <Entry key={name} name={name} value={each} />
          ))}
        </dl>
      ) : (
        <Whole value={value} />
      )}
    </>
  )
}

/** A value in full, with its images where it has some. */
function Whole({ value }: { value: Json }) {
  return mayHoldImage(value) ? <ValueWithImages value={value} /> : <LongText text={shownValue(value)} />
}

function Entry({ name, value }: { name: string; value: Json }) {
  const text = shownValue(value)
  const isLong = text.length > 120 || text.includes('\n')
  return (
    <>
      <dt className="mono">{name}</dt>
      <dd>{isLong || mayHoldImage(value) ? <Whole value={value} /> : text}</dd>
    </>
  )
}

function rawOf({ name, status, start, duration, inputs, output, error, usage }: Span) {
  return { name, status, start, duration, inputs, output, error, usage }
}
