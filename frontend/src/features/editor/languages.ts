import type { Extension } from '@codemirror/state'

type Load = () => Promise<Extension>

const load = {
  python: async () => (await import('@codemirror/lang-python')).pythonLanguage,
  yaml: async () => (await import('@codemirror/lang-yaml')).yaml(),
  json: async () => (await import('@codemirror/lang-json')).json(),
  markdown: async () => (await import('@codemirror/lang-markdown')).markdown(),
  html: async () => (await import('@codemirror/lang-html')).htmlLanguage,
  css: async () => (await import('@codemirror/lang-css')).cssLanguage,
  script: async () => (await import('@codemirror/lang-javascript')).jsxLanguage,
  typescript: async () => (await import('@codemirror/lang-javascript')).typescriptLanguage,
  tsx: async () => (await import('@codemirror/lang-javascript')).tsxLanguage,
  shell: async () => (await import('./lineLanguages')).shell,
  settings: async () => (await import('./lineLanguages')).settings,
  sql: async () => (await import('./lineLanguages')).sql,
  docker: async () => (await import('./lineLanguages')).dockerfile,
  ignores: async () => (await import('./lineLanguages')).ignores,
  prompty: async () => (await import('./promptyLanguage')).prompty,
} satisfies Record<string, Load>

const byEnding: Record<string, keyof typeof load> = {
  py: 'python',
  pyi: 'python',
  yaml: 'yaml',
  prompty: 'prompty',
  yml: 'yaml',
  json: 'json',
  jsonl: 'json',
  ipynb: 'json',
  geojson: 'json',
  md: 'markdown',
  markdown: 'markdown',
  html: 'html',
  htm: 'html',
  xml: 'html',
  svg: 'html',
  css: 'css',
  js: 'script',
  mjs: 'script',
  cjs: 'script',
  jsx: 'script',
  ts: 'typescript',
  tsx: 'tsx',
  sh: 'shell',
  bash: 'shell',
  zsh: 'shell',
  toml: 'settings',
  ini: 'settings',
  cfg: 'settings',
  conf: 'settings',
  properties: 'settings',
  env: 'settings',
  sql: 'sql',
  dockerfile: 'docker',
}

const byName: Record<string, keyof typeof load> = {
  dockerfile: 'docker',
  makefile: 'shell',
  '.bashrc': 'shell',
  '.profile': 'shell',
  '.gitignore': 'ignores',
  '.dockerignore': 'ignores',
  '.amlignore': 'ignores',
  '.gitattributes': 'ignores',
  '.gitconfig': 'settings',
  '.editorconfig': 'settings',
  '.flake8': 'settings',
}

const nameOf = (path: string) => path.slice(path.lastIndexOf('/') + 1).toLowerCase()

/** What the language of a file is called, or null for plain text. */
export function languageName(path: string): keyof typeof load | null {
  const name = nameOf(path)
  if (/^requirements.*\.txt$|^constraints.*\.txt$/.test(name)) return 'ignores'
  if (/^\.env(\..+)?$/.test(name)) return 'settings'
  return byName[name] ?? byEnding[name.slice(name.lastIndexOf('.') + 1)] ?? null
}

/** What a file is written in, by its name. Grammars are loaded when a file needs them. */
export async function languageFor(path: string): Promise<Extension> {
  const name = languageName(path)
  return name ? load[name]() : []
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
