import type { FlowItem } from '../../api/flows'
import type { GalleryEntry } from '../../api/gallery'
import { type FlowType, flowTypes } from '../../components/Kind'
import { type PickedFile, suggestedName } from '../../lib/dropped'
import { baseName, freeName, isInside, nameProblem, parentPath } from '../../lib/paths'
import { isBlank } from './gallery'

/** What a new flow starts from. */
export type Choice =
  | { from: 'type'; type: FlowType }
  | { from: 'gallery'; name: string }
  | { from: 'upload'; files: PickedFile[] }
  | { from: 'git'; url: string; branch: string; folder: string }
  | { from: 'nothing' }

/** The choice an address like `?create=chat` asks for. */
export function choiceOf(from: string, gallery: readonly GalleryEntry[]): Choice {
  if (from in flowTypes) return { from: 'type', type: from as FlowType }
  if (from === 'upload' || from === 'git') return { from: 'nothing' }
  const example = gallery.find((entry) => entry.name === from)
  const first = gallery.find((entry) => !isBlank(entry))
  const name = example?.name ?? first?.name
  return name ? { from: 'gallery', name } : { from: 'type', type: 'standard' }
}

/** The names already used for flows of mine. */
export function takenNames(flows: readonly FlowItem[], root: string): Set<string> {
  return new Set(flows.filter((flow) => isInside(flow.path, root)).map((flow) => topName(flow.path, root)))
}

function topName(path: string, root: string): string {
  return parentPath(path) === root ? baseName(path) : (path.slice(root.length + 1).split('/')[0] ?? '')
}

/** A name that fits the choice and is free. */
export function suggestion(choice: Choice, taken: ReadonlySet<string>): string {
  switch (choice.from) {
    case 'type':
      return freeName(`my-${choice.type}-flow`, taken)
    case 'gallery':
      return freeName(choice.name, taken)
    case 'upload':
      return freeName(suggestedName(choice.files) || 'imported-flow', taken)
    case 'git':
      return freeName(repositoryName(choice.url, choice.folder) || 'imported-flow', taken)
    case 'nothing':
      return ''
  }
}

/** What a repository, or its folder, would be called. */
function repositoryName(url: string, folder: string): string {
  const names = (
    folder.trim() ||
    url
      .trim()
      .replace(/[?#].*$/, '')
      .replace(/^[a-z+]+:\/\/[^/]*/i, '')
  )
    .split('/')
    .filter(Boolean)
  const name = (names.at(-1) ?? '').replace(/\.git$/, '')
  return nameProblem(name) === null ? name : ''
}

/** Why nothing can be made of the choice yet. */
export function choiceProblem(choice: Choice): string | null {
  if (choice.from === 'nothing') return 'Choose what the flow starts from.'
  if (choice.from !== 'git' || /^https?:\/\/[^/\s]+\/\S/i.test(choice.url.trim())) return null
  return 'Enter the address of a repository, such as https://git.example.org/team/flows.git.'
}

export function flowNameProblem(name: string, taken: ReadonlySet<string>): string | null {
  const problem = nameProblem(name)
  if (problem) return problem
  if (name.startsWith('.')) return 'The name of a flow cannot begin with a dot.'
  return taken.has(name) ? `You already have a flow ‘${name}’. Choose another name.` : null
}
