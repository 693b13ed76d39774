import { createContext, lazy, type ReactNode, Suspense, use, useMemo, useState } from 'react'
import { useStore } from 'zustand'
import { Button } from '../../../components/Button'
import { Dialog } from '../../../components/Dialog'
import { TextArea } from '../../../components/Field'
import type { FlowModel, FlowNode } from '../../../yaml/flow'
import type { Json } from '../../../yaml/scalars'
import { useAuthoring } from '../state/context'
import { typedValue } from '../values'
import { entryRequest } from './entryInputs'
import { inputsForNode } from './nodeInputs'

const ConsentDialog = lazy(() =>
  import('../../consent/ConsentDialog').then((module) => ({ default: module.ConsentDialog })),
)

interface Runner {
  /** Run the flow; `variant` as `${node.variant}`. */
  flow: (variant?: string) => Promise<void>
  node: (node: FlowNode, variant?: string) => Promise<void>
}

const RunContext = createContext<Runner | null>(null)

export function useRun(): Runner {
  const runner = use(RunContext)
  if (!runner) throw new Error('Running is offered outside of the authoring page.')
  return runner
}

interface Question {
  node: FlowNode
  variant: string | undefined
  given: Record<string, Json>
  missing: string[]
}

export function RunProvider({ children }: { children: ReactNode }) {
  const { session, runs, page } = useAuthoring()
  const [question, setQuestion] = useState<Question | null>(null)
  const runner = useMemo(() => {
    const model = (): FlowModel | null => session.flow.getState().model
    const start = async (node: FlowNode, given: Record<string, Json>, variant: string | undefined) => {
      await session.flush()
      await runs.run({
        expected: [node.name],
        inputs: given,
        given,
        node: node.name,
        variant: variant ? `\${${node.name}.${variant}}` : undefined,
      })
    }
    return {
      start,
      flow: async (variant?: string) => {
        await session.flush()
        const flow = model()
        page.setState({ isDrawerFolded: false })
        if (session.opened.getState().kind !== 'dag') return void (await runs.run(entryRequest(session)))
        await runs.run({
          expected: flow?.nodes.map((node) => node.name) ?? [],
          inputs: defaultsOf(flow),
          given: {},
          variant,
        })
      },
      node: async (node: FlowNode, variant?: string) => {
        const flow = model()
        if (!flow || runs.view.getState().isRunning) return
        const body = node.variants.find((each) => each.id === variant)?.body ?? node.body
        const { given, missing } = inputsForNode(flow, body, runs.view.getState().nodes, node.name)
        if (missing.length > 0) setQuestion({ node, variant, given, missing })
        else await start(node, given, variant)
      },
    }
  }, [session, runs, page])
  return (
    <RunContext value={runner}>
      {children}
      <AskConsent />
      {question && (
        <MissingInputs
          question={question}
          onClose={() => setQuestion(null)}
          onRun={(values) => {
            setQuestion(null)
            void runner.start(question.node, { ...question.given, ...values }, question.variant)
          }}
        />
      )}
    </RunContext>
  )
}

/** Somebody else's flow needs connections that only the person who runs it has. */
function AskConsent() {
  const { session, runs } = useAuthoring()
  const asked = useStore(runs.view, (state) => state.asked)
  if (!asked) return null
  const close = () => runs.view.setState({ asked: null })
  return (
    <Suspense>
      <ConsentDialog
        path={session.path}
        consent={asked.consent}
        onClose={close}
        onAgreed={() => {
          close()
          void runs.run(asked.request)
        }}
      />
    </Suspense>
  )
}

function defaultsOf(model: FlowModel | null): Record<string, Json> {
  return Object.fromEntries((model?.inputs ?? []).map((input) => [input.name, input.default ?? null]))
}

interface MissingInputsProps {
  question: Question
  onClose: () => void
  onRun: (values: Record<string, Json>) => void
}

/** The nodes before this one have not run: their part is asked for. */
function MissingInputs({ question, onClose, onRun }: MissingInputsProps) {
  const { node, missing } = question
  const [texts, setTexts] = useState<Record<string, string>>({})
  const values = () => Object.fromEntries(missing.map((name) => [name, guessed(texts[name] ?? '')]))
  return (
    <Dialog
      title={`Run ${node.name}`}
      onClose={onClose}
      footer={
        <>
          <Button size="large" onClick={onClose}>
            Cancel
          </Button>
          <Button size="large" variant="primary" onClick={() => onRun(values())}>
            Run node
          </Button>
        </>
      }
    >
      <p className="secondary">
        The nodes before <code>{node.name}</code> have not run yet, so their part of its inputs is not known. Give it
        here, or run the flow first.
      </p>
      {missing.map((name) => (
        <TextArea
          key={name}
          label={name}
          mono
          value={texts[name] ?? ''}
          onChange={(text) => setTexts({ ...texts, [name]: text })}
        />
      ))}
    </Dialog>
  )
}

/** JSON lists and objects are taken as such, everything else is text. */
function guessed(text: string): Json {
  return /^\s*[[{]/.test(text) ? typedValue(text, 'object') : text
}
