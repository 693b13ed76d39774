import { IconMessagePlus, IconX } from '@tabler/icons-react'
import { useEffect, useRef, useState } from 'react'
import { Button, IconButton } from '../../../components/Button'
import { TextField } from '../../../components/Field'
import { counted } from '../../../lib/format'
import type { FlowInput } from '../../../yaml/flow'
import { useAuthoring, useModel } from '../state/context'
import { valueText } from '../values'
import { Composer } from './Composer'
import styles from './chat.module.css'
import { chatParts } from './chatParts'
import { type Turn, useChats } from './chatStore'
import { TurnView } from './TurnView'

const noTurns: Turn[] = []

/** The flow as a chat: what is typed goes into its chat input, earlier turns into its history. */
export function ChatPanel() {
  const { session } = useAuthoring()
  const model = useModel()
  const turns = useChats((state) => state.turns[session.address]) ?? noTurns
  const [others, setOthers] = useState<Record<string, string>>({})
  const end = useRef<HTMLDivElement>(null)
  const chat = chatParts(model)
  // biome-ignore lint/correctness/useExhaustiveDependencies: a new turn is to be seen.
  useEffect(() => void end.current?.scrollIntoView({ block: 'nearest' }), [turns.length])
  const otherInputs = model.inputs.filter((input) => input.name !== chat.input?.name && input.name !== chat.history)
  return (
    <section aria-label="Chat" className={styles.panel}>
      <Head count={turns.length} />
      {/* biome-ignore lint/a11y/noNoninteractiveTabindex: what scrolls must be reachable by keyboard. */}
      <div className={styles.transcript} role="log" aria-label="Conversation" tabIndex={0}>
        {turns.length === 0 && (
          <p className={styles.hint}>Ask something. The flow answers, and what was said before is passed on.</p>
        )}
        {turns.map((turn, index) => (
          <TurnView key={turn.id} turn={turn} isLast={index === turns.length - 1} />
        ))}
        <div ref={end} />
      </div>
      {otherInputs.length > 0 && <OtherInputs inputs={otherInputs} texts={others} onChange={setOthers} />}
      <Composer others={others} />
    </section>
  )
}

function Head({ count }: { count: number }) {
  const { session, page } = useAuthoring()
  return (
    <header className={styles.head}>
      <h2 className="medium">Chat</h2>
      <span className="secondary small">{count > 0 && counted(count, 'turn')}</span>
      <span className={styles.end}>
        <Button
          variant="ghost"
          size="small"
          icon={<IconMessagePlus size={14} stroke={1.5} aria-hidden />}
          disabledReason={count === 0 ? 'This one is new.' : null}
          onClick={() => useChats.getState().set(session.address, () => [])}
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
  )
}

interface OtherInputsProps {
  inputs: FlowInput[]
  texts: Record<string, string>
  onChange: (texts: Record<string, string>) => void
}

function OtherInputs({ inputs, texts, onChange }: OtherInputsProps) {
  return (
    <details className={styles.others}>
      <summary>Other inputs</summary>
      {inputs.map((input) => (
        <TextField
          key={input.name}
          size="medium"
          inline
          label={input.name}
          value={texts[input.name] ?? valueText(input.default)}
          onChange={(text) => onChange({ ...texts, [input.name]: text })}
        />
      ))}
    </details>
  )
}
