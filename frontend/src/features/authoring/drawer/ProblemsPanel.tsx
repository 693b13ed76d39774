import { IconAlertTriangle, IconCircleX } from '@tabler/icons-react'
import { baseName } from '../../../lib/paths'
import { useAuthoring, useModel } from '../state/context'
import { jumpTo } from '../state/pageStore'
import styles from './drawer.module.css'
import { type ShownProblem, useProblems } from './useProblems'

export function ProblemsPanel() {
  const problems = useProblems()
  if (problems.length === 0) return <p className={styles.empty}>Nothing is wrong in the files of this flow.</p>
  return (
    <ul className={styles.problems}>
      {problems.map((problem) => (
        <ProblemRow key={`${problem.file}:${problem.line}:${problem.message}`} problem={problem} />
      ))}
    </ul>
  )
}

function ProblemRow({ problem }: { problem: ShownProblem }) {
  const jump = useJumpTo()
  const { file, line, severity, message, isFromRun } = problem
  const Icon = severity === 'error' ? IconCircleX : IconAlertTriangle
  return (
    <li>
      <button type="button" className={styles.problem} onClick={() => jump(problem)}>
        <Icon size={16} stroke={1.5} aria-hidden className={severity === 'error' ? styles.bad : styles.doubtful} />
        <span className="visually-hidden">{severity}</span>
        <span className={styles.message}>{message}</span>
        {isFromRun && <span className="secondary small">last run</span>}
        {file && (
          <span className={`${styles.place} mono`}>
            {baseName(file)}
            {line !== null && `:${line}`}
          </span>
        )}
      </button>
    </li>
  )
}

interface Place {
  file?: string | null | undefined
  line?: number | null | undefined
  column?: number | null | undefined
}

/** Goes to where a problem is: into the card that shows the file, else into a tab. */
export function useJumpTo(): (place: Place, node?: string | null) => void {
  const { page, session } = useAuthoring()
  const model = useModel()
  return ({ file, line, column }, node) => {
    if (!file) return
    const prefix = `${session.path}/`
    const inFlow = file.includes(prefix) ? file.slice(file.lastIndexOf(prefix) + prefix.length) : file
    const card = model.nodes.find((each) => {
      if (node) return each.name === node && each.body.sourcePath === inFlow
      return each.body.sourcePath === inFlow
    })
    jumpTo(page, inFlow, line ?? 1, column ?? 1, page.getState().isRaw ? null : (card?.name ?? null))
  }
}
