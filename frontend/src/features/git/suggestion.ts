import type { GitFlowDiff, GitNodeChange } from './requests'

/** A commit message from what a change means: which node, which value from what to what. */
export function suggestion(diff: GitFlowDiff): string {
  const files = diff.other_files.map(({ path, status }) => `${verb(status)} ${path.split('/').at(-1)}`)
  const lines = [
    ...diff.nodes.map(ofNode),
    ...diff.inputs.map(({ field }) => `Change input ${field}`),
    ...diff.outputs.map(({ field }) => `Change output ${field}`),
    ...diff.settings.map(({ field }) => `Change ${field}`),
    ...files,
  ]
  if (lines.length <= 1) return lines[0] ?? ''
  const names = diff.nodes.map(({ name }) => name)
  const title =
    names.length > 0 && names.length <= 3
      ? `Change ${list(names)}`
      : `Change ${names.length > 0 ? `${names.length} nodes` : `${lines.length} things`}`
  return `${title}\n\n${lines.map((line) => `- ${line}`).join('\n')}`
}

const verb = (status: string): string => (status === 'added' ? 'Add' : status === 'deleted' ? 'Remove' : 'Change')

function ofNode({ name, status, values, texts }: GitNodeChange): string {
  if (status !== 'changed') return `${status === 'added' ? 'Add' : 'Remove'} node ${name}`
  const [value] = values
  const isOne = values.length === 1 && texts.length === 0
  if (isOne && value)
    return `Change ${value.field.replace(/^inputs\./, '')} of ${name}: ${short(value.before)} → ${short(value.after)}`
  const what = [
    ...texts.map(({ path }) => path.split('/').at(-1) ?? path),
    ...values.map(({ field }) => field.replace(/^inputs\./, '')),
  ]
  return `Change ${list(what.slice(0, 3))} of ${name}`
}

const short = (value: string | null): string =>
  value === null ? 'nothing' : value.length > 30 ? `${value.slice(0, 30)}…` : value

const list = (words: readonly string[]): string =>
  words.length < 2 ? (words[0] ?? '') : `${words.slice(0, -1).join(', ')} and ${words.at(-1)}`
