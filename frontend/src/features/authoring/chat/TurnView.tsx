import { useStore } from 'zustand'
import { Button } from '../../../components/Button'
import { DemoChip } from '../../../components/Chip'
import { Markdown } from '../../../components/Markdown'
import { ErrorMessage } from '../../../components/Note'
import { StatusText } from '../../../components/Status'
import { formatCount, formatDuration } from '../../../lib/format'
import { ValueWithImages } from '../images/ValueWithImages'
import { saidSoFar } from '../run/types'
import { useAuthoring, useFlowInfo, useModel } from '../state/context'
import styles from './chat.module.css'
import { chatParts } from './chatParts'
import type { Turn } from './chatStore'

/** A question and its answer, which shows as it comes. */
export function TurnView({ turn, isLast }: { turn: Turn; isLast: boolean }) {
  const { runs } = useAuthoring()
  const { node } = chatParts(useModel())
  const streamed = useStore(runs.view, ({ isRunning, runs: [latest] }) =>
    isLast && isRunning && latest ? saidSoFar(latest, node) : '',
  )
  return (
    <>
      <div className={styles.question}>
        {turn.question}
        {turn.images.length > 0 && <ValueWithImages value={turn.images} />}
      </div>
      <div className={styles.answer}>
        <Answer turn={turn} streamed={streamed} />
      </div>
      <Below turn={turn} />
    </>
  )
}

function Answer({ turn: { answer, shown, error }, streamed }: { turn: Turn; streamed: string }) {
  if (answer === null && error === null) return streamed || <span className="secondary">…</span>
  return (
    <>
      {shown !== null ? <ValueWithImages value={shown} /> : answer !== null && <Markdown text={answer} />}
      {error !== null && <ErrorMessage error={new Error(error)} />}
    </>
  )
}

function Below({ turn }: { turn: Turn }) {
  const { runs, page } = useAuthoring()
  const model = useModel()
  const info = useFlowInfo()
  const run = useStore(runs.view, (view) => view.runs.find((each) => each.id === turn.runId))
  const isOpen = turn.answer === null && turn.error === null
  const isDemo = info?.model?.connection === 'demo' || model.nodes.some((node) => node.body.connection === 'demo')
  const toTrace = () => {
    if (turn.runId !== null) runs.show(turn.runId)
    page.setState({ drawer: 'trace', isDrawerFolded: false })
  }
  return (
    <div className={styles.below}>
      <StatusText status={isOpen ? 'running' : turn.error !== null ? 'failed' : 'completed'}>
        {isOpen ? 'Answering' : run?.duration ? formatDuration(run.duration) : undefined}
      </StatusText>
      {turn.answer !== null && isDemo && <DemoChip />}
      {run && run.tokens > 0 && <span>{formatCount(run.tokens)} tok</span>}
      {run && (
        <Button variant="ghost" size="small" onClick={toTrace}>
          View trace
        </Button>
      )}
    </div>
  )
}
