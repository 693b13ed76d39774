import { type GitMark, useGitView } from '../api/git'
import styles from './Mark.module.css'

/** The letter of a state, and its word for those who do not see it. */
export function Mark({ mark }: { mark: GitMark }) {
  return (
    <span className={styles.mark} data-tone={mark.tone} title={mark.words}>
      <span aria-hidden>{mark.letter}</span>
      <span className="visually-hidden"> {mark.words}</span>
    </span>
  )
}

/** What git says of a file or folder, where it says something. */
export function RowMark({ path }: { path: string }) {
  const mark = useGitView(({ marks }) => marks.get(path))
  return mark && <Mark mark={mark} />
}

/** What git says of a node. */
export function NodeMark({ name }: { name: string }) {
  const mark = useGitView(({ nodes }) => nodes.get(name))
  return mark && <Mark mark={mark} />
}
