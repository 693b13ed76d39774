import type { NodeKind } from '../../yaml/flowEdits'

/** What the file of a new node says. It runs as it is. */
export function newNodeText(kind: NodeKind, name: string): string {
  if (kind === 'prompt') return 'Write about {{topic}} in one sentence.\n'
  if (kind === 'llm') return 'system:\nYou are a helpful assistant. Be brief.\n\nuser:\n{{question}}\n'
  return [
    'from promptflow.core import tool',
    '',
    '',
    '@tool',
    `def ${pythonName(name)}(text: str) -> str:`,
    '    return text',
    '',
  ].join('\n')
}

function pythonName(name: string): string {
  const word = name.replace(/\W+/g, '_')
  return /^\d/.test(word) || word === '' ? `node_${word}` : word
}

export const fileEnding: Record<NodeKind, string> = { python: '.py', prompt: '.jinja2', llm: '.jinja2' }
