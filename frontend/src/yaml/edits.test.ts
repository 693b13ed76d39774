import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { parseDocument } from 'yaml'
import { type Change, planChange, sameValue } from './change'
import { parseFlowDocument } from './flow'
import * as flowEdits from './flowEdits'
import type { Json } from './scalars'
import { YamlEditError } from './source'
import { applyEdits } from './splice'
import { setValue } from './values'

const ref = (inside: string) => `\${${inside}}`

/** A flow as people write them: comments, anchors, folded text, braces, wide indentation, both line ends. */
interface Style {
  eol: string
  indent: number
  listIndent: number
  braces: boolean
  comments: boolean
  blankLines: boolean
  finalNewline: boolean
  quote: '' | "'" | '"'
}

const styles: fc.Arbitrary<Style> = fc.record({
  eol: fc.constantFrom('\n', '\r\n'),
  indent: fc.constantFrom(2, 4, 3),
  listIndent: fc.constantFrom(0, 2, 4),
  braces: fc.boolean(),
  comments: fc.boolean(),
  blankLines: fc.boolean(),
  finalNewline: fc.boolean(),
  quote: fc.constantFrom('', "'", '"'),
})

function writeFlow(style: Style): string {
  const pad = (depth: number) => ' '.repeat(style.indent * depth)
  const list = ' '.repeat(style.listIndent)
  const q = (text: string) => `${style.quote}${text}${style.quote}`
  const note = (text: string) => (style.comments ? `  # ${text}` : '')
  const lines = [
    ...(style.comments ? ['# A flow with remarks.', ''] : []),
    '$schema: https://azuremlschemas.azureedge.net/promptflow/latest/Flow.schema.json',
    `inputs:${note('what comes in')}`,
    ...(style.braces
      ? [`${pad(1)}url: {type: string, default: ${q('https://a.example/x')}}${note('a page')}`]
      : [
          `${pad(1)}url:`,
          `${pad(2)}type:   string${note('aligned')}`,
          `${pad(2)}default: ${q('https://a.example/x')}`,
        ]),
    `${pad(1)}limit:`,
    `${pad(2)}type: int`,
    `${pad(2)}default: 3${note('three')}`,
    ...(style.blankLines ? [''] : []),
    'outputs:',
    `${pad(1)}text:`,
    `${pad(2)}type: string`,
    `${pad(2)}reference: \${last.output.text}${note('the answer')}`,
    ...(style.comments ? ['# The nodes.'] : []),
    'nodes:',
    ...(style.comments ? [`${list}# Reads the page.`] : []),
    `${list}- name: first${note('one')}`,
    `${list}  type: python`,
    `${list}  source: {type: code, path: first.py}`,
    `${list}  inputs:`,
    `${list}  ${pad(1)}url: ${q(ref('inputs.url'))}${note('the page')}`,
    `${list}  ${pad(1)}limit:    &limit 8000`,
    ...(style.blankLines ? [''] : []),
    `${list}- name: middle`,
    `${list}  type: llm`,
    `${list}  source:`,
    `${list}  ${pad(1)}type: code`,
    `${list}  ${pad(1)}path: middle.jinja2`,
    `${list}  inputs:`,
    `${list}  ${pad(1)}text: \${first.output}`,
    `${list}  ${pad(1)}hint: >-`,
    `${list}  ${pad(2)}folded`,
    `${list}  ${pad(2)}hint${''}`,
    `${list}  ${pad(1)}example: |`,
    `${list}  ${pad(2)}line one`,
    `${list}  ${pad(2)}line two`,
    `${list}  ${pad(1)}max: *limit`,
    `${list}  ${pad(1)}temperature: 0.20${note('cool')}`,
    `${list}  connection: demo`,
    `${list}  api: chat`,
    ...(style.blankLines ? [''] : []),
    ...(style.comments ? [`${list}# The end.`] : []),
    `${list}- name: last`,
    `${list}  type: python`,
    `${list}  source: {type: code, path: last.py}`,
    `${list}  inputs: {reply: '\${middle.output}', mode: fast}${note('tail')}`,
  ]
  return lines.join(style.eol) + (style.finalNewline ? style.eol : '')
}

const values: fc.Arbitrary<Json> = fc.oneof(
  fc.string({ maxLength: 20 }),
  fc.constantFrom(
    'yes',
    '3',
    '~',
    '',
    ' a',
    'a: b',
    'a #b',
    '- x',
    'é😀',
    ref('first.output'),
    "it's",
    'say "x"',
    '2020-01-01',
    '@tool',
    '%d',
    'x\ny',
    'x\ny\n',
    '{a}',
    '[',
    '`x`',
    '0o7',
    '!x',
    '&y',
    '*z',
    '|',
    '>',
  ),
  fc.integer(),
  fc.double({ noNaN: true, noDefaultInfinity: true }),
  fc.boolean(),
  fc.array(fc.oneof(fc.string({ maxLength: 5 }), fc.integer()), { maxLength: 3 }),
  fc.constant({ a: 1, b: ['x', null] } as Json),
)

const read = (text: string) => parseDocument(text, { merge: true }).toJS() as Record<string, unknown>

/** The lines of `after` that are not in `before`, and the other way round, each by position from both ends. */
function changedLines(before: string, after: string): { removed: string[]; added: string[] } {
  const a = before.split('\n')
  const b = after.split('\n')
  let head = 0
  while (head < a.length && head < b.length && a[head] === b[head]) head++
  let tail = 0
  while (tail < a.length - head && tail < b.length - head && a.at(-1 - tail) === b.at(-1 - tail)) tail++
  return { removed: a.slice(head, a.length - tail), added: b.slice(head, b.length - tail) }
}

function change(text: string, step: Change): string {
  return applyEdits(text, planChange(text, step))
}

function model(text: string) {
  const parsed = parseFlowDocument(text).model
  if (!parsed) throw new Error('The sample is not a flow.')
  return parsed
}

describe('setting one scalar', () => {
  const places = [
    ['inputs', 'url', 'default'],
    ['inputs', 'limit', 'default'],
    ['inputs', 'limit', 'type'],
    ['outputs', 'text', 'reference'],
    ['nodes', 0, 'inputs', 'url'],
    ['nodes', 1, 'inputs', 'temperature'],
    ['nodes', 1, 'connection'],
    ['nodes', 2, 'inputs', 'mode'],
    ['nodes', 2, 'inputs', 'reply'],
  ] as const

  test('changes that line and nothing else, whatever the style of the file', () => {
    fc.assert(
      fc.property(styles, fc.constantFrom(...places), values, (style, path, value) => {
        const before = writeFlow(style)
        const after = change(before, setValue(path, value))
        const { removed, added } = changedLines(before, after)
        expect(removed.length).toBeLessThanOrEqual(1)
        if (typeof value !== 'string' || !value.includes('\n')) expect(added.length).toBeLessThanOrEqual(1)
        expect(sameValue(parseDocument(after, { merge: true }).getIn(path), value) || typeof value === 'object').toBe(
          true,
        )
        if (removed[0]?.includes(' # ')) expect(after).toContain(removed[0].slice(removed[0].indexOf('  #')))
      }),
      { numRuns: 400 },
    )
  })

  test('keeps a block scalar a block', () => {
    fc.assert(
      fc.property(
        styles,
        fc.constantFrom('hint', 'example'),
        fc.stringMatching(/^[a-z][a-z ]{0,20}[a-z]$/),
        (style, key, value) => {
          const after = change(writeFlow(style), setValue(['nodes', 1, 'inputs', key], value))
          expect(after).toMatch(new RegExp(`${key}: [|>]-\\r?\\n +${value}\\r?\\n`))
        },
      ),
    )
  })
})

describe('structural edits', () => {
  const steps: [string, (text: string) => Change][] = [
    ['add an input', () => flowEdits.addInput('tone', 'string', 'calm')],
    ['add an output', () => flowEdits.addOutput('again', ref('middle.output'))],
    ['add a python node', () => flowEdits.addNode('extra', 'python', 'extra.py')],
    ['add an llm node', () => flowEdits.addNode('extra', 'llm', 'extra.jinja2', 'demo')],
    ['add a node input', (text) => flowEdits.setNodeInput(body(text, 1), 'tone', ref('inputs.url'))],
    ['add an input to braces', (text) => flowEdits.setNodeInput(body(text, 2), 'tone', ref('inputs.url'))],
    ['add activate', (text) => flowEdits.setActivate(body(text, 1), ref('inputs.limit'), 3)],
    ['set aggregation', (text) => flowEdits.setNodeField(body(text, 0), 'aggregation', true)],
  ]

  test.each(steps)('%s leaves every line that was there', (_name, step) => {
    fc.assert(
      fc.property(styles, (style) => {
        const before = writeFlow(style)
        const after = change(before, step(before))
        const { removed, added } = changedLines(before, after)
        // A line may only grow: braces take one more entry, a file without final line break gets one.
        if (removed.length > 0) expect(removed).toHaveLength(1)
        for (const line of removed) expect(isSubsequence(line.trimEnd(), added[0] ?? '')).toBe(true)
        if (style.eol === '\r\n') expect(after.replaceAll('\r\n', '')).not.toContain('\n')
      }),
      { numRuns: 60 },
    )
  })

  const removals: [string, (text: string) => Change][] = [
    ['an input', () => flowEdits.removeInput('limit')],
    ['the only output', () => flowEdits.removeOutput('text')],
    ['a node in the middle', (text) => flowEdits.removeNode(node(text, 1))],
    ['the last node', (text) => flowEdits.removeNode(node(text, 2))],
    ['a node input', (text) => flowEdits.removeNodeInput(body(text, 0), 'url')],
    ['a pair in braces', (text) => flowEdits.removeNodeInput(body(text, 2), 'reply')],
    ['a block scalar', (text) => flowEdits.removeNodeInput(body(text, 1), 'example')],
  ]

  test.each(removals)('removing %s keeps the other lines and all comments on lines of their own', (_name, step) => {
    fc.assert(
      fc.property(styles, (style) => {
        const before = writeFlow(style)
        const after = change(before, step(before))
        const kept = before.split('\n').filter((line) => line.trim().startsWith('#'))
        for (const line of kept) expect(after).toContain(line.trimEnd())
        const { added } = changedLines(before, after)
        expect(added.length).toBeLessThanOrEqual(1)
      }),
      { numRuns: 60 },
    )
  })

  test('renaming a node changes its name and every reference to it, in one word each', () => {
    fc.assert(
      fc.property(styles, (style) => {
        const before = writeFlow(style)
        const after = change(before, flowEdits.renameNode(model(before), node(before, 1), 'center'))
        expect(after).toBe(
          before.replace('name: middle', 'name: center').replace(ref('middle.output'), ref('center.output')),
        )
      }),
    )
  })

  test('renaming an input follows into the references', () => {
    fc.assert(
      fc.property(styles, (style) => {
        const before = writeFlow(style)
        const after = change(before, flowEdits.renameInput(model(before), 'url', 'page_url'))
        expect(after).toBe(before.replace('  url:', '  page_url:').replace(ref('inputs.url'), ref('inputs.page_url')))
      }),
    )
  })

  test('moving a node down and up again gives the same bytes', () => {
    fc.assert(
      fc.property(styles, fc.constantFrom(0, 1), (style, index) => {
        const before = writeFlow(style).replace('&limit ', '').replace('*limit', '8000')
        const moved = change(before, flowEdits.moveNode(node(before, index), 'down'))
        expect(model(moved).nodes.map((item) => item.name)).not.toEqual(model(before).nodes.map((item) => item.name))
        expect(change(moved, flowEdits.moveNode(node(moved, index + 1), 'up'))).toBe(before)
      }),
    )
  })

  test('adding and removing again gives the same bytes', () => {
    fc.assert(
      fc.property(styles, (style) => {
        const before = writeFlow(style)
        const added = change(before, flowEdits.addNode('extra', 'python', 'extra.py'))
        expect(change(added, flowEdits.removeNode(node(added, 3)))).toBe(before)
        const withInput = change(before, flowEdits.addInput('tone', 'string', 'calm'))
        expect(change(withInput, flowEdits.removeInput('tone'))).toBe(before)
      }),
    )
  })

  test('any sequence of edits means what was asked, or is refused without a change', () => {
    const anyStep = fc.record({
      kind: fc.constantFrom(
        'set',
        'addInput',
        'removeInput',
        'addNode',
        'removeNode',
        'move',
        'rename',
        'nodeInput',
        'dropNodeInput',
      ),
      at: fc.nat({ max: 5 }),
      name: fc.constantFrom('alpha', 'beta', 'gamma_2'),
      value: values,
    })
    fc.assert(
      fc.property(styles, fc.array(anyStep, { maxLength: 8 }), (style, sequence) => {
        let text = writeFlow(style)
        for (const step of sequence) {
          const flow = model(text)
          const target = flow.nodes[step.at % Math.max(1, flow.nodes.length)]
          try {
            const operation = operationFor(step, flow, target)
            if (operation) text = change(text, operation)
          } catch (error) {
            if (!(error instanceof YamlEditError)) throw error
          }
          expect(parseFlowDocument(text).model).not.toBeNull()
        }
      }),
      { numRuns: 150 },
    )
  })
})

function operationFor(
  step: { kind: string; at: number; name: string; value: Json },
  flow: ReturnType<typeof model>,
  target: ReturnType<typeof model>['nodes'][number] | undefined,
): Change | null {
  const input = flow.inputs[step.at % Math.max(1, flow.inputs.length)]
  if (step.kind === 'addInput') return flowEdits.addInput(step.name, 'string', step.value)
  if (step.kind === 'removeInput') return input ? flowEdits.removeInput(input.name) : null
  if (step.kind === 'set') return input ? flowEdits.setInput(input.name, 'default', step.value) : null
  if (step.kind === 'addNode') return flowEdits.addNode(step.name, 'llm', `${step.name}.jinja2`, 'demo')
  if (!target) return null
  if (step.kind === 'removeNode') return flowEdits.removeNode(target)
  if (step.kind === 'move') return flowEdits.moveNode(target, 'down')
  if (step.kind === 'rename') return flowEdits.renameNode(flow, target, step.name)
  if (step.kind === 'nodeInput') return flowEdits.setNodeInput(target.body, step.name, step.value)
  const dropped = target.body.inputs[step.at % Math.max(1, target.body.inputs.length)]
  return dropped ? flowEdits.removeNodeInput(target.body, dropped.name) : null
}

function node(text: string, index: number) {
  const found = model(text).nodes[index]
  if (!found) throw new Error('No such node.')
  return found
}

const body = (text: string, index: number) => node(text, index).body

function isSubsequence(part: string, whole: string): boolean {
  let at = 0
  for (const char of whole) if (char === part[at]) at++
  return at === part.length
}

describe('files that hold little or nothing', () => {
  test.each([
    ['', 'nodes:\n- name: a\n  type: python\n  source:\n    type: code\n    path: a.py\n'],
    [
      '# only a remark',
      '# only a remark\nnodes:\n- name: a\n  type: python\n  source:\n    type: code\n    path: a.py\n',
    ],
    ['nodes: []\n', 'nodes:\n- name: a\n  type: python\n  source:\n    type: code\n    path: a.py\n'],
    [
      'nodes: # none\ninputs: {}',
      'nodes: # none\n- name: a\n  type: python\n  source:\n    type: code\n    path: a.py\ninputs: {}',
    ],
  ])('a node can be added to %j', (before, after) => {
    expect(change(before, flowEdits.addNode('a', 'python', 'a.py'))).toBe(after)
  })

  test('inputs appear above the nodes', () => {
    const before = 'environment: {}\nnodes:\n- name: a\n'
    expect(change(before, flowEdits.addInput('x', 'string'))).toBe(
      'environment: {}\ninputs:\n  x:\n    type: string\nnodes:\n- name: a\n',
    )
  })

  test('removing the last input leaves an empty map', () => {
    expect(change('inputs:\n  x:\n    type: int\nnodes: []\n', flowEdits.removeInput('x'))).toBe(
      'inputs: {}\nnodes: []\n',
    )
  })
})

describe('variants', () => {
  const text = `outputs: {}
nodes:
# summary
- name: a
  type: llm # kind
  source:
    type: code
    path: a.jinja2
  inputs:
    text: \${inputs.text}
  connection: demo
`
  test('the first variant moves the body of the node below node_variants', () => {
    const raw = (read(text).nodes as unknown as Json[])[0] as { [key: string]: Json }
    const copy = { ...raw, source: { type: 'code', path: 'a__variant_1.jinja2' } } as { [key: string]: Json }
    delete copy.name
    const after = change(text, flowEdits.startVariants(node(text, 0), raw, copy))
    const flow = model(after)
    expect(flow.nodes[0]?.variants.map((variant) => variant.id)).toEqual(['variant_0', 'variant_1'])
    expect(flow.nodes[0]?.body.sourcePath).toBe('a.jinja2')
    expect(after).toContain('# summary\n- name: a\n  use_variants: true\nnode_variants:\n  a:\n')
    const renamed = change(after, flowEdits.renameNode(flow, node(after, 0), 'b'))
    expect(model(renamed).nodes[0]?.variants).toHaveLength(2)
    const other = change(after, flowEdits.setDefaultVariant(node(after, 0), 'variant_1'))
    expect(changedLines(after, other).added).toEqual(['    default_variant_id: variant_1'])
  })
})

test('the first input of a node stands on a line of its own, whether `inputs` is missing or empty', () => {
  for (const inputs of ['', '  inputs: {}\n']) {
    const text = `nodes:\n- name: a\n  type: python\n${inputs}`
    const { model } = parseFlowDocument(text)
    const body = model?.nodes[0]?.body
    if (!body) throw new Error('The flow could not be read.')
    const edits = planChange(text, flowEdits.setNodeInput(body, 'x', ref('inputs.x')))

    expect(applyEdits(text, edits)).toBe(`nodes:\n- name: a\n  type: python\n  inputs:\n    x: ${ref('inputs.x')}\n`)
  }
})
