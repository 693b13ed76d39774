import { useMemo } from 'react'
import { ApiError } from '../../api/errors'
import { toast } from '../../components/Toasts'
import type { FlowModel, FlowNode, Variant } from '../../yaml/flow'
import * as edits from '../../yaml/flowEdits'
import { valueAt } from '../../yaml/raw'
import { inputReference, outputReference } from '../../yaml/references'
import type { Json } from '../../yaml/scalars'
import { freeWord } from './cards/FlowInputsCard'
import { fileEnding, newNodeText } from './nodeTexts'
import { useAuthoring } from './state/context'
import type { FlowSession } from './state/FlowSession'
import { selectCard } from './state/pageStore'

/** What can be done with nodes and their variants; each says by itself when it fails. */
export function useNodeActions() {
  const { session, page } = useAuthoring()
  return useMemo(() => {
    const model = (): FlowModel => session.flow.getState().model ?? emptyModel
    return {
      add: (kind: edits.NodeKind) =>
        guarded(() => addNode(session, model(), kind)).then((name) => name && selectCard(page, name)),
      duplicate: (node: FlowNode) =>
        guarded(() => duplicateNode(session, model(), node)).then((name) => name && selectCard(page, name)),
      remove: (node: FlowNode) =>
        session.applyWithUndo(edits.removeNode(node), `Node ${node.name} deleted. Its file stays.`),
      move: (node: FlowNode, direction: 'up' | 'down') => {
        if (session.apply(edits.moveNode(node, direction))) selectCard(page, node.name)
      },
      rename: (node: FlowNode, name: string) => {
        if (session.apply(edits.renameNode(model(), node, name))) page.setState({ selected: name })
      },
      addCondition: (node: FlowNode) => {
        const input = model().inputs[0]
        const other = model().nodes.find((each) => each.name !== node.name)
        const when = input ? inputReference(input.name) : other ? outputReference(other.name) : ''
        session.apply(edits.setActivate(node.body, when, true))
      },
      addVariant: (node: FlowNode, from?: Variant) => guarded(() => addVariant(session, node, from)),
      removeVariant: (node: FlowNode, variant: Variant) =>
        session.applyWithUndo(edits.removeVariant(node, variant.id), `Variant ${variant.id} deleted. Its file stays.`),
      setDefault: (node: FlowNode, variant: Variant) => session.apply(edits.setDefaultVariant(node, variant.id)),
    }
  }, [session, page])
}

const emptyModel: FlowModel = { type: '', displayName: '', inputs: [], outputs: [], nodes: [] }

async function guarded<T>(act: () => Promise<T>): Promise<T | undefined> {
  try {
    return await act()
  } catch (error) {
    toast.fail(error)
    return undefined
  }
}

async function addNode(session: FlowSession, model: FlowModel, kind: edits.NodeKind): Promise<string> {
  const taken = new Set(model.nodes.map((node) => node.name))
  const { name, file } = await createFree(session, taken, kind, fileEnding[kind], (word) => newNodeText(kind, word))
  const connection = model.nodes.find((node) => node.body.connection !== '')?.body.connection ?? 'demo'
  session.apply(edits.addNode(name, kind, file, kind === 'llm' ? connection : ''))
  return name
}

async function duplicateNode(session: FlowSession, model: FlowModel, node: FlowNode): Promise<string> {
  const { body } = node
  const taken = new Set(model.nodes.map((each) => each.name))
  const raw = valueAt(session.flowFile.document.text, body.path)
  if (body.sourcePath === '') {
    const name = freeWord(node.name, taken)
    session.apply(edits.duplicateNode(node, raw, name))
    return name
  }
  const text = await textOf(session, body.sourcePath)
  const { name, file } = await createFree(session, taken, node.name, endingOf(body.sourcePath), () => text)
  session.apply(edits.duplicateNode(node, raw, name, file))
  return name
}

async function addVariant(session: FlowSession, node: FlowNode, from?: Variant): Promise<void> {
  const body = from?.body ?? node.body
  const text = await textOf(session, body.sourcePath)
  const taken = new Set(node.variants.length > 0 ? node.variants.map((variant) => variant.id) : ['variant_0'])
  const stem = `${node.name}__variant`
  const takenFiles = new Set([...taken].map((id) => id.replace(/^variant/, stem)))
  const { name, file } = await createFree(session, takenFiles, stem, endingOf(body.sourcePath), () => text)
  const id = name.slice(node.name.length + 2)
  const raw = asMap(valueAt(session.flowFile.document.text, body.path))
  const { name: _name, use_variants: _uses, ...own } = raw
  const copy: Json = { ...own, source: { ...asMap(own.source ?? null), path: file } }
  if (node.variants.length > 0) session.apply(edits.addVariant(node, id, copy))
  else
    session.apply(
      edits.startVariants(node, asMap(valueAt(session.flowFile.document.text, ['nodes', node.index])), copy),
    )
}

/** The first of `stem_1`, `stem_2`, … that is neither a taken word nor a file; the file is made. */
async function createFree(
  session: FlowSession,
  taken: ReadonlySet<string>,
  stem: string,
  ending: string,
  textFor: (name: string) => string,
): Promise<{ name: string; file: string }> {
  const tried = new Set(taken)
  for (;;) {
    const name = freeWord(stem, tried)
    try {
      await session.create(`${name}${ending}`, textFor(name))
      return { name, file: `${name}${ending}` }
    } catch (error) {
      const isTaken = error instanceof ApiError && (error.status === 409 || error.status === 412)
      if (!isTaken) throw error
      tried.add(name)
    }
  }
}

async function textOf(session: FlowSession, name: string): Promise<string> {
  const file = session.file(name)
  await file.load()
  return file.document.text
}

function endingOf(path: string): string {
  const dot = path.lastIndexOf('.')
  return dot > path.lastIndexOf('/') ? path.slice(dot) : ''
}

function asMap(value: Json): { [key: string]: Json } {
  return typeof value === 'object' && value !== null && !Array.isArray(value) ? value : {}
}
