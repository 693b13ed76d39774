import type { Json } from '../../../yaml/scalars'
import { entryGiven } from '../run/entryInputs'
import { type RunRecord, saidSoFar } from '../run/types'
import { useAuthoring, useFlowInfo, useModel } from '../state/context'
import { mayHoldImage, typedValue, valueText } from '../values'
import { chatParts, questionValue } from './chatParts'
import { historyOf, messagesOf, type Turn, useChats } from './chatStore'

let lastTurn = 0

type Values = Record<string, Json>

/** Asks the flow and puts question and answer into the conversation. */
export function useAsk(others: Record<string, string>) {
  const { session, runs } = useAuthoring()
  const model = useModel()
  const format = useFlowInfo()?.message_format ?? 'basic'
  const chat = chatParts(model)

  const inputsFor = (question: string, images: readonly Json[], earlier: readonly Turn[]): Values => {
    const given: Values = session.opened.getState().kind === 'dag' ? {} : entryGiven(session).inputs
    for (const input of model.inputs) {
      const typed = others[input.name]
      if (typed !== undefined) given[input.name] = typedValue(typed, input.type)
    }
    const name = chat.input?.name ?? ''
    given[name] = questionValue(question, images, chat.input?.type ?? '', format)
    if (chat.history === '') return given
    const isDag = session.opened.getState().kind === 'dag'
    given[chat.history] = isDag ? historyOf(earlier, [chat.history]) : messagesOf(earlier, name, chat.output)
    return given
  }

  return async (question: string, images: Json[]) => {
    const { turns, set } = useChats.getState()
    const given = inputsFor(question, images, turns[session.address] ?? [])
    lastTurn += 1
    const turn: Turn = { ...blankTurn, id: lastTurn, question, images, inputs: given }
    set(session.address, (all) => [...all, turn])
    await session.flush()
    const expected = model.nodes.map((node) => node.name)
    const init = expected.length === 0 ? entryGiven(session).init : undefined
    const run = await runs.run({ expected, inputs: given, given, init })
    const change = outcomeOf(run, chat.output, chat.node)
    set(session.address, (all) => all.map((each) => (each.id === turn.id ? { ...each, ...change } : each)))
  }
}

const blankTurn = { outputs: null, answer: null, shown: null, error: null, runId: null }

function outcomeOf(run: RunRecord | undefined, output: string, node: string | undefined): Partial<Turn> {
  const outputs = asMap(run?.output)
  const runId = run?.id ?? null
  if (run?.status === 'completed' && outputs) {
    const value = outputs[output] ?? null
    return { outputs, answer: valueText(value), shown: mayHoldImage(value) ? value : null, runId }
  }
  const error = run?.status === 'canceled' ? 'Stopped.' : (run?.error?.message ?? 'No answer.')
  return { error, answer: (run && saidSoFar(run, node)) || null, runId }
}

function asMap(value: Json | undefined): Values | null {
  return typeof value === 'object' && value !== null && !Array.isArray(value) ? value : null
}
