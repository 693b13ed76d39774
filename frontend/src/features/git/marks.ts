import type { GitMark } from '../../api/git'
import type { GitEntry, GitNodeChange } from './requests'

type State = NonNullable<GitEntry['worktree']>

const byState: Record<State, GitMark> = {
  added: { letter: 'A', words: 'Added', tone: 'success' },
  changed: { letter: 'M', words: 'Changed', tone: 'warning' },
  deleted: { letter: 'D', words: 'Deleted', tone: 'danger' },
  renamed: { letter: 'R', words: 'Renamed', tone: 'info' },
  type: { letter: 'T', words: 'Another kind of entry', tone: 'warning' },
  untracked: { letter: 'U', words: 'Not known to git', tone: 'success' },
  conflict: { letter: 'C', words: 'In conflict', tone: 'danger' },
}

const inFolder: GitMark = { letter: '●', words: 'Has changes', tone: 'warning' }

export const markOf = (state: State | null): GitMark | null => state && byState[state]

/** The mark of each file that differs and of the folders around it, below the repository. */
export function marksOf(entries: readonly GitEntry[], repository: string): Map<string, GitMark> {
  const marks = new Map<string, GitMark>()
  for (const entry of entries) {
    const mark = entry.is_conflicted ? byState.conflict : markOf(entry.worktree ?? entry.index)
    const path = entry.path.replace(/\/$/, '')
    if (mark) marks.set(path, mark)
    for (let at = path.lastIndexOf('/'); at > repository.length; at = path.lastIndexOf('/', at - 1)) {
      const folder = path.slice(0, at)
      if (marks.has(folder)) break
      marks.set(folder, inFolder)
    }
  }
  return marks
}

const ofNode: Record<GitNodeChange['status'], GitMark> = {
  added: byState.added,
  changed: byState.changed,
  removed: byState.deleted,
}

export const nodeMarks = (nodes: readonly GitNodeChange[]): Map<string, GitMark> =>
  new Map(nodes.map(({ name, status }) => [name, ofNode[status]]))
