import type { Extension } from '@codemirror/state'

/** What a file is written in, by its name. Grammars are loaded when a file needs them. */
export async function languageFor(path: string): Promise<Extension> {
  const name = path.slice(path.lastIndexOf('/') + 1).toLowerCase()
  if (name.endsWith('.py')) return (await import('@codemirror/lang-python')).pythonLanguage
  if (/\.ya?ml$/.test(name)) return (await import('@codemirror/lang-yaml')).yaml()
  if (/\.(json|jsonl|ipynb)$/.test(name)) return (await import('@codemirror/lang-json')).json()
  if (/\.(md|markdown)$/.test(name)) return (await import('@codemirror/lang-markdown')).markdown()
  return []
}

export const isPromptFile = (path: string): boolean => /\.(jinja2?|j2|prompty)$/i.test(path)
const isYamlFile = (path: string): boolean => /\.ya?ml$/i.test(path)

/** Prose and prompts wrap; code does not. */
export const wrapsLines = (path: string): boolean => isPromptFile(path) || /\.(md|markdown|txt|jsonl|csv)$/i.test(path)

/** What is marked beside the grammar: template parts in prompts, references in YAML. */
export function marksFor(path: string): 'prompt' | 'references' | null {
  if (isPromptFile(path)) return 'prompt'
  return isYamlFile(path) ? 'references' : null
}
