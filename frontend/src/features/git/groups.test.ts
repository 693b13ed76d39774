import { describe, expect, it } from 'vitest'
import { parseFlowDocument } from '../../yaml/flow'
import { allChanges, byFile, byNode } from './groups'
import type { GitFileDiff } from './requests'

const flow = `inputs:
  text:
    type: string
nodes:
- name: first
  type: python
  source: {type: code, path: first.py}
  inputs:
    text: \${inputs.text}
- name: second
  type: llm
  source: {type: code, path: second.jinja2}
  inputs:
    max_tokens: 96
`

const diff = (path: string, text: string): GitFileDiff => ({
  path,
  old_path: null,
  status: 'changed',
  added: 1,
  removed: 1,
  is_binary: false,
  is_cut: false,
  text,
})

const model = parseFlowDocument(flow).model
const places = {
  model: model ?? { type: '', displayName: '', inputs: [], outputs: [], nodes: [] },
  flowFile: 'repo/flow.dag.yaml',
  inFlow: (path: string) => (path.startsWith('repo/') ? path.slice(5) : null),
  removed: [],
}

const tokens = '@@ -13,2 +13,2 @@\n   inputs:\n-    max_tokens: 256\n+    max_tokens: 96\n'

describe('byNode', () => {
  it('puts lines of the flow file and the files of a node under its name', () => {
    const changes = allChanges([
      {
        files: [diff('repo/flow.dag.yaml', tokens), diff('repo/second.jinja2', '@@ -1 +1 @@\n-a\n+b\n')],
        isStaged: false,
      },
      { files: [diff('repo/notes.md', '@@ -1 +1 @@\n-a\n+b\n')], isStaged: true },
    ])
    const groups = byNode(changes, places)
    expect(groups.map(({ title, changes: shown }) => [title, shown.length])).toEqual([
      ['second', 2],
      ['notes.md', 1],
    ])
  })

  it('finds the node of a staged line behind lines that are not staged', () => {
    const changes = allChanges([
      {
        files: [
          diff('repo/flow.dag.yaml', '@@ -11,2 +11,2 @@\n   inputs:\n-    max_tokens: 256\n+    max_tokens: 96\n'),
        ],
        isStaged: true,
      },
      {
        files: [
          diff(
            'repo/flow.dag.yaml',
            '@@ -1,2 +1,4 @@\n inputs:\n+  a: {type: string}\n+  b: {type: string}\n   text:\n',
          ),
        ],
        isStaged: false,
      },
    ])
    expect(byNode(changes, places).map(({ title }) => title)).toEqual(['second', 'flow.dag.yaml'])
  })

  it('names a node that is gone', () => {
    const removed = [{ name: 'third', type: 'python' }]
    const changes = allChanges([
      {
        files: [
          diff('repo/flow.dag.yaml', '@@ -14,3 +14,1 @@\n     max_tokens: 96\n-- name: third\n-  type: python\n'),
        ],
        isStaged: null,
      },
    ])
    expect(byNode(changes, { ...places, removed }).map(({ title }) => title)).toEqual(['third'])
  })
})

describe('byFile', () => {
  it('keeps what is staged of a file beside what is not', () => {
    const changes = allChanges([
      { files: [diff('repo/a.py', '@@ -1 +1 @@\n-a\n+b\n')], isStaged: true },
      { files: [diff('repo/a.py', '@@ -9 +9 @@\n-a\n+b\n')], isStaged: false },
    ])
    expect(byFile(changes, (path) => path).map(({ changes: shown }) => shown.map(({ isStaged }) => isStaged))).toEqual([
      [true, false],
    ])
  })
})
