import { IconArrowUp, IconMessagePlus, IconPlayerStop, IconX } from '@tabler/icons-react'
import { type KeyboardEvent, useEffect, useRef, useState } from 'react'
import { useStore } from 'zustand'
import { Button, IconButton } from '../../../components/Button'
import { DemoChip } from '../../../components/Chip'
import { TextField } from '../../../components/Field'
import { Markdown } from '../../../components/Markdown'
import { ErrorMessage } from '../../../components/Note'
import { StatusText } from '../../../components/Status'
import { counted, formatCount, formatDuration } from '../../../lib/format'
import type { FlowModel } from '../../../yaml/flow'
import type { Json } from '../../../yaml/scalars'
import { useAuthoring, useModel } from '../state/context'
import { typedValue, valueText } from '../values'
import styles from './chat.module.css'
import { historyOf, type Turn, useChats } from './chatStore'

const noTurns: Turn[] = []
let lastTurn = 0

/** The flow as a chat: what is typed goes into its chat input, earlier turns into its history. */
export function ChatPanel() {
  const { session, page } = useAuthoring()
  const model = useModel()
  const turns = useChats((state) => state.turns[session.path]) ?? noTurns
  const [others, setOthers] = useState<Record<string, string>>({})
  const end = useRef<HTMLDivElement>(null)
  const chat = chatParts(model)
  // biome-ignore lint/correctness/useExhaustiveDependencies: a new turn is to be seen.
  useEffect(() => void end.current?.scrollIntoView({ block: 'nearest' }), [turns.length])
  const otherInputs = model.inputs.filter((input) => input.name !== chat.input && input.name !== chat.history)
  return (
    <section aria-label="Chat" className={styles.panel}>
      <header className={styles.head}>
        <h2 className="medium">Chat</h2>
        <span className="secondary small">{turns.length > 0 && counted(turns.length, 'turn')}</span>
        <span className={styles.end}>
          <Button
            variant="ghost"
            size="small"
            icon={<IconMessagePlus size={14} stroke={1.5} aria-hidden />}
            disabledReason={turns.length === 0 ? 'This one is new.' : null}
            onClick={() => useChats.getState().set(session.path, () => [])}
          >
            New session
          </Button>
          <IconButton
            size="small"
            label="Close chat"
            icon={<IconX size={16} stroke={1.5} aria-hidden />}
            onClick={() => page.setState({ isChatOpen: false })}
          />
        </span>
      </header>
      {/* biome-ignore lint/a11y/noNoninteractiveTabindex: what scrolls must be reachable by keyboard. */}
      <div className={styles.transcript} role="log" aria-label="Conversation" tabIndex={0}>
        {turns.length === 0 && (
          <p className={styles.hint}>Ask something. The flow answers, and what was said before is passed on.</p>
        )}
        {turns.map((turn, index) => (
          <TurnView key={turn.id} turn={turn} isLast={index === turns.length - 1} model={model} />
        ))}
        <div ref={end} />
      </div>
      {otherInputs.length > 0 && (
        <details className={styles.others}>
          <summary>Other inputs</summary>
          {otherInputs.map((input) => (
            <TextField
              key={input.name}
              size="medium"
              inline
              label={input.name}
              value={others[input.name] ?? valueText(input.default)}
              onChange={(text) => setOthers({ ...others, [input.name]: text })}
            />
          ))}
        </details>
      )}
      <Composer others={others} />
    </section>
  )
}

function chatParts(model: FlowModel) {
  return {
    input: model.inputs.find((input) => input.isChatInput)?.name ?? '',
    history: model.inputs.find((input) => input.isChatHistory)?.name ?? '',
    output: (model.outputs.find((output) => output.isChatOutput) ?? model.outputs[0])?.name ?? '',
  }
}

function Composer({ others }: { others: Record<string, string> }) {
  const { session, runs } = useAuthoring()
  const model = useModel()
  const [text, setText] = useState('')
  const isRunning = useStore(runs.view, (view) => view.isRunning)
  const chat = chatParts(model)

  async function ask() {
    const question = text.trim()
    if (question === '' || isRunning) return
    setText('')
    const { turns, set } = useChats.getState()
    const earlier = turns[session.path] ?? []
    const given: Record<string, Json> = { [chat.input]: question }
    for (const input of model.inputs) {
      const typed = others[input.name]
      if (typed !== undefined) given[input.name] = typedValue(typed, input.type)
    }
    if (chat.history !== '') given[chat.history] = historyOf(earlier, [chat.history])
    lastTurn += 1
    const turn: Turn = { id: lastTurn, question, inputs: given, outputs: null, answer: null, error: null, runId: null }
    set(session.path, (all) => [...all, turn])
    const update = (change: Partial<Turn>) =>
      set(session.path, (all) => all.map((each) => (each.id === turn.id ? { ...each, ...change } : each)))
    await session.flush()
    const expected = model.nodes.map((node) => node.name)
    const run = await runs.run({ expected, inputs: given, given })
    const outputs = asMap(run?.output)
    if (run?.status === 'completed' && outputs) {
      update({ outputs, answer: valueText(outputs[chat.output]), runId: run.id })
    } else {
      update({
        error: run?.status === 'canceled' ? 'Stopped.' : (run?.error?.message ?? 'No answer.'),
        runId: run?.id ?? null,
      })
    }
  }

  function key(event: KeyboardEvent) {
    if (event.key !== 'Enter' || event.shiftKey || event.nativeEvent.isComposing) return
    event.preventDefault()
    event.stopPropagation()
    void ask()
  }

  return (
    <div className={styles.composer}>
      <textarea
        aria-label={chat.input || 'Message'}
        placeholder="Ask the flow"
        rows={2}
        value={text}
        onChange={(event) => setText(event.target.value)}
        onKeyDown={key}
      />
      <div className={styles.send}>
        <span className="secondary small">
          goes into <code>{chat.input}</code>
        </span>
        {isRunning ? (
          <Button
            size="small"
            icon={<IconPlayerStop size={14} stroke={1.5} aria-hidden />}
            onClick={() => void runs.stop()}
          >
            Stop answer
          </Button>
        ) : (
          <IconButton
            variant="primary"
            label="Send"
            keys="Enter"
            icon={<IconArrowUp size={16} stroke={1.5} aria-hidden />}
            disabledReason={text.trim() === '' ? 'Type a message first.' : null}
            onClick={() => void ask()}
          />
        )}
      </div>
    </div>
  )
}

function TurnView({ turn, isLast, model }: { turn: Turn; isLast: boolean; model: FlowModel }) {
  const { runs, page } = useAuthoring()
  const run = useStore(runs.view, (view) => view.runs.find((each) => each.id === turn.runId))
  const live = useStore(runs.view, (view) => (isLast && view.isRunning ? view.runs[0] : undefined))
  const output = model.outputs.find((each) => each.isChatOutput) ?? model.outputs[0]
  const source = /^\$\{([^.}]+)/.exec(output?.reference ?? '')?.[1] ?? ''
  const streamed = live?.nodes[source]?.streamed ?? ''
  const isOpen = turn.answer === null && turn.error === null
  const toTrace = () => {
    if (turn.runId !== null) runs.show(turn.runId)
    page.setState({ drawer: 'trace', isDrawerFolded: false })
  }
  return (
    <>
      <div className={styles.question}>{turn.question}</div>
      <div className={styles.answer}>
        {turn.error !== null ? (
          <ErrorMessage error={new Error(turn.error)} />
        ) : turn.answer !== null ? (
          <Markdown text={turn.answer} />
        ) : (
          streamed || <span className="secondary">…</span>
        )}
      </div>
      <div className={styles.below}>
        <StatusText status={isOpen ? 'running' : turn.error !== null ? 'failed' : 'completed'}>
          {isOpen ? 'Answering' : run?.duration ? formatDuration(run.duration) : undefined}
        </StatusText>
        {turn.answer !== null && model.nodes.some((node) => node.body.connection === 'demo') && <DemoChip />}
        {run && run.tokens > 0 && <span>{formatCount(run.tokens)} tok</span>}
        {run && (
          <Button variant="ghost" size="small" onClick={toTrace}>
            View trace
          </Button>
        )}
      </div>
    </>
  )
}

function asMap(value: Json | undefined): Record<string, Json> | null {
  return typeof value === 'object' && value !== null && !Array.isArray(value) ? value : null
}
