import { both, type Change } from './change'
import type { FlowModel, FlowNode, NodeBody } from './flow'
import { addItem, swapWithNext } from './lists'
import { parseReference, type Reference } from './references'
import { removeAt } from './removal'
import type { Json } from './scalars'
import { type Path, YamlEditError } from './source'
import { renameKey, replaceInScalars, setValue } from './values'

const topLevelOrder = ['inputs', 'outputs', 'nodes', 'node_variants', 'environment', 'environment_variables']

/** Top-level keys that usually follow `key`. */
const after = (key: string) => topLevelOrder.slice(topLevelOrder.indexOf(key) + 1)

export function addInput(name: string, type: string, value?: Json): Change {
  const fields: Json = value === undefined ? { type } : { type, default: value }
  return setValue(['inputs', name], fields, { block: true, before: after('inputs') })
}

export function setInput(name: string, field: string, value: Json | undefined): Change {
  const path = ['inputs', name, field]
  return value === undefined ? removeAt(path) : setValue(path, value)
}

export const removeInput = (name: string): Change => removeAt(['inputs', name])

/** Rename an input and every reference to it. */
export function renameInput(model: FlowModel, name: string, newName: string): Change {
  const isIt = (reference: Reference) => reference.kind === 'input' && reference.name === name
  const paths = referencePaths(model, isIt)
  return both(
    renameKey(['inputs', name], newName),
    ...paths.map(({ path, value }) => {
      const prefix = value.slice(0, value.indexOf('.') + 1)
      return replaceInScalars([path], prefix + name, prefix + newName)
    }),
  )
}

export function addOutput(name: string, reference: string, type = 'string'): Change {
  return setValue(['outputs', name], { type, reference }, { block: true, before: after('outputs') })
}

export const setOutput = (name: string, field: string, value: Json): Change => setValue(['outputs', name, field], value)
export const removeOutput = (name: string): Change => removeAt(['outputs', name])
export const renameOutput = (name: string, newName: string): Change => renameKey(['outputs', name], newName)

export type NodeKind = 'python' | 'llm' | 'prompt'

/** A new node goes to the end. Its file has to be made by the caller. */
export function addNode(name: string, kind: NodeKind, sourcePath: string, connection = ''): Change {
  const node: { [key: string]: Json } = { name, type: kind, source: { type: 'code', path: sourcePath } }
  if (kind === 'llm') {
    Object.assign(node, { inputs: { model: connection === 'demo' ? 'demo' : '' }, connection, api: 'chat' })
  }
  return addItem(['nodes'], node)
}

export function removeNode(node: FlowNode): Change {
  const change = removeAt(['nodes', node.index])
  return node.variants.length > 0 ? both(change, removeVariantsOf(node)) : change
}

function removeVariantsOf(node: FlowNode): Change {
  return removeAt(['node_variants', node.name])
}

/** Rename a node, the key of its variants and every reference to it. */
export function renameNode(model: FlowModel, node: FlowNode, newName: string): Change {
  if (model.nodes.some((other) => other.name === newName))
    throw new YamlEditError(`There is a node \`${newName}\` already.`)
  const isIt = (reference: Reference) => reference.kind === 'node' && reference.name === node.name
  const paths = referencePaths(model, isIt).map(({ path }) => path)
  const changes = [
    setValue(['nodes', node.index, 'name'], newName),
    replaceInScalars(paths, `\${${node.name}`, `\${${newName}`),
  ]
  // The key last: the other changes name the old one on their way.
  if (node.variants.length > 0) changes.push(renameKey(['node_variants', node.name], newName))
  return both(...changes)
}

interface ReferencePlace {
  path: Path
  value: string
}

/** Every place that holds a wanted reference. */
function referencePaths(model: FlowModel, isWanted: (reference: Reference) => boolean): ReferencePlace[] {
  const places: ReferencePlace[] = []
  const look = (path: Path, value: Json) => {
    const reference = parseReference(value)
    if (reference && isWanted(reference)) places.push({ path, value: String(value) })
  }
  const lookInBody = (body: NodeBody) => {
    for (const input of body.inputs) look([...body.path, 'inputs', input.name], input.value)
    if (body.activate) look([...body.path, 'activate', 'when'], body.activate.when)
  }
  for (const node of model.nodes) {
    if (node.variants.length === 0) lookInBody(node.body)
    for (const variant of node.variants) lookInBody(variant.body)
  }
  for (const output of model.outputs) look(['outputs', output.name, 'reference'], output.reference)
  return places
}

export function setNodeInput(body: NodeBody, name: string, value: Json): Change {
  return setValue([...body.path, 'inputs', name], value)
}

export function removeNodeInput(body: NodeBody, name: string): Change {
  return removeAt([...body.path, 'inputs', name])
}

/** `connection`, `api`, `aggregation` and other words of the node itself; undefined removes it. */
export function setNodeField(body: NodeBody, field: string, value: Json | undefined): Change {
  const path = [...body.path, ...field.split('.')]
  return value === undefined ? removeAt(path) : setValue(path, value)
}

export function setActivate(body: NodeBody, when: string, is: Json): Change {
  if (!body.activate) return setValue([...body.path, 'activate'], { when, is }, { block: true })
  return both(setValue([...body.path, 'activate', 'when'], when), setValue([...body.path, 'activate', 'is'], is))
}

export const removeActivate = (body: NodeBody): Change => removeAt([...body.path, 'activate'])

export function moveNode(node: FlowNode, direction: 'up' | 'down'): Change {
  return swapWithNext(['nodes'], direction === 'down' ? node.index : node.index - 1)
}

/** A copy behind the original. `rawNode` is what the file says of it, `sourcePath` the file of the copy. */
export function duplicateNode(node: FlowNode, rawNode: Json, newName: string, sourcePath?: string): Change {
  const body = structuredClone(rawNode) as { [key: string]: Json }
  const copy: { [key: string]: Json } = { ...body, name: newName }
  delete copy.use_variants
  if (sourcePath && copy.source && typeof copy.source === 'object' && !Array.isArray(copy.source)) {
    copy.source = { ...copy.source, path: sourcePath }
  }
  return addItem(['nodes'], { name: newName, ...copy }, node.index)
}

/** Make another variant the default. */
export function setDefaultVariant(node: FlowNode, id: string): Change {
  return setValue(['node_variants', node.name, 'default_variant_id'], id)
}

export function addVariant(node: FlowNode, id: string, rawBody: Json): Change {
  return setValue(['node_variants', node.name, 'variants', id], { node: rawBody }, { block: true })
}

export const removeVariant = (node: FlowNode, id: string): Change => {
  return removeAt(['node_variants', node.name, 'variants', id])
}

/** The first variant of a node: what it said so far becomes the default, beside a copy with a prompt of its own. */
export function startVariants(node: FlowNode, rawNode: Json, copyBody: Json): Change {
  const { name: _name, use_variants: _uses, ...body } = rawNode as { [key: string]: Json }
  const group: Json = {
    default_variant_id: 'variant_0',
    variants: { variant_0: { node: body }, variant_1: { node: copyBody } },
  }
  return both(
    setValue(['nodes', node.index], { name: node.name, use_variants: true }, { block: true }),
    setValue(['node_variants', node.name], group, { block: true }),
  )
}
