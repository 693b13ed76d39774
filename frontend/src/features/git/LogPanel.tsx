import { useQuery } from '@tanstack/react-query'
import { type KeyboardEvent, useMemo, useState } from 'react'
import type { GitStatus } from '../../api/git'
import { Button } from '../../components/Button'
import { Chip } from '../../components/Chip'
import { ErrorMessage } from '../../components/Note'
import { Time } from '../../components/Time'
import styles from './git.module.css'
import { type GraphRow, graphRows } from './logGraph'
import type { ChangesSearch } from './place'
import { type GitCommit, logQuery } from './requests'

interface LogPanelProps {
  path: string
  status: GitStatus
  onShow: (place: ChangesSearch) => void
}

const page = 50

/** Every commit with its branches, drawn as lines that part and meet. */
export function LogPanel({ path, status, onShow }: LogPanelProps) {
  const [limit, setLimit] = useState(page)
  const { data: log, error, isFetching, refetch } = useQuery(logQuery(path, limit))
  const commits = log?.commits ?? noCommits
  const rows = useMemo(() => graphRows(commits), [commits])
  const width = Math.min(
    6,
    1 + Math.max(0, ...rows.flatMap((row) => [row.lane, ...row.lines.map(({ to }) => to.lane)])),
  )
  return (
    <section className={styles.log} aria-label="Commits">
      <header className={styles.listHead}>
        <h3 className="section-title">History</h3>
        <span className="small secondary truncate">{standing(status)}</span>
      </header>
      {error && <ErrorMessage error={error} title="The log could not be read." onRetry={() => void refetch()} />}
      {log && commits.length === 0 && <p className={styles.calm}>There is no commit yet.</p>}
      <ol className={styles.commits} onKeyDown={moveBetweenCommits}>
        {commits.map((commit, index) => (
          <li key={commit.id}>
            <CommitRow
              commit={commit}
              row={rows[index]}
              width={width}
              onShow={() => onShow({ git: 'changes', to: commit.id })}
            />
          </li>
        ))}
      </ol>
      {log?.next && (
        <Button size="small" busy={isFetching} className={styles.more ?? ''} onClick={() => setLimit(limit + page)}>
          Load more
        </Button>
      )}
    </section>
  )
}

const noCommits: GitCommit[] = []

function standing({ upstream, ahead, behind }: GitStatus): string {
  if (!upstream) return 'no upstream branch'
  if (ahead + behind === 0) return `as ${upstream}`
  return `${[ahead > 0 && `${ahead} ahead of`, behind > 0 && `${behind} behind`].filter(Boolean).join(', ')} ${upstream}`
}

interface CommitRowProps {
  commit: GitCommit
  row: GraphRow | undefined
  width: number
  onShow: () => void
}

function CommitRow({ commit, row, width, onShow }: CommitRowProps) {
  const refs = commit.refs.filter(({ kind, name }) => kind !== 'head' && !name.endsWith('/HEAD'))
  return (
    <button type="button" className={styles.commitButton} onClick={onShow}>
      {row && <GraphCell row={row} width={width} />}
      <span className={styles.commitText}>
        <span className={styles.commitTitle}>
          <span className="truncate" title={commit.subject}>
            {commit.subject}
          </span>
          {refs.map(({ name, kind, is_current }) => (
            <Chip key={`${kind} ${name}`} tone={is_current ? 'info' : kind === 'tag' ? 'success' : 'neutral'}>
              {name}
            </Chip>
          ))}
        </span>
        <span className={`${styles.commitFacts} truncate`}>
          <span className="mono">{commit.id.slice(0, 7)}</span> · {commit.author} · <Time at={commit.at} />
        </span>
      </span>
    </button>
  )
}

const lane = 14
const rowHeight = 40
const middle = rowHeight / 2
const xOf = (index: number) => lane / 2 + Math.min(index, 5) * lane + 4

function GraphCell({ row, width }: { row: GraphRow; width: number }) {
  return (
    <svg className={styles.graph} width={width * lane + 8} height={rowHeight} aria-hidden="true">
      {row.lines.map((line) => (
        <path
          key={JSON.stringify(line)}
          d={curve(
            xOf(line.from.lane),
            line.from.at === 'top' ? 0 : middle,
            xOf(line.to.lane),
            line.to.at === 'dot' ? middle : rowHeight,
          )}
          data-color={line.color % 5}
        />
      ))}
      <circle cx={xOf(row.lane)} cy={middle} r={4} data-color={row.color % 5} />
    </svg>
  )
}

function curve(fromX: number, fromY: number, toX: number, toY: number): string {
  if (fromX === toX) return `M${fromX} ${fromY}V${toY}`
  const between = (fromY + toY) / 2
  return `M${fromX} ${fromY}C${fromX} ${between} ${toX} ${between} ${toX} ${toY}`
}

/** Arrows, Home and End go between the commits. */
function moveBetweenCommits(event: KeyboardEvent<HTMLElement>): void {
  const buttons = [...event.currentTarget.querySelectorAll<HTMLElement>('button')]
  const at = buttons.indexOf(document.activeElement as HTMLElement)
  const targets: Record<string, number> = { ArrowDown: at + 1, ArrowUp: at - 1, Home: 0, End: buttons.length - 1 }
  const next = buttons[targets[event.key] ?? -1]
  if (!next) return
  event.preventDefault()
  next.focus()
}
