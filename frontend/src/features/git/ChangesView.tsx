import { IconX } from '@tabler/icons-react'
import { useQuery } from '@tanstack/react-query'
import { type ReactNode, useEffect, useMemo, useRef } from 'react'
import { type GitStatus, gitStatusQuery } from '../../api/git'
import { IconButton } from '../../components/Button'
import { EmptyState } from '../../components/EmptyState'
import { SegmentedControl, SelectField } from '../../components/Field'
import { ErrorMessage } from '../../components/Note'
import { Skeleton } from '../../components/Skeleton'
import { isInside, joinPath } from '../../lib/paths'
import { useDelayed } from '../../lib/useDelayed'
import { useRemembered } from '../../lib/useRemembered'
import { Counts, LayoutChoice, useDiffLayout } from '../history/DiffView'
import { shortName } from '../history/entryWords'
import styles from './changes.module.css'
import { GroupCard } from './GroupCard'
import { allChanges, byFile, byNode, type ChangeGroup } from './groups'
import type { ChangesSearch } from './place'
import { branchesQuery, type GitFlowDiff, logQuery } from './requests'
import { type Compared, useCompared } from './useCompared'

export interface ChangesViewProps {
  /** The flow's folder, or any folder in the repository. */
  path: string
  isFlow: boolean
  place: ChangesSearch
  onShow: (place: ChangesSearch) => void
  onClose: () => void
}

/** What differs: what is staged and what is not, against a branch, or between commits; by node or by file. */
export function ChangesView(props: ChangesViewProps) {
  const { path, place, isFlow } = props
  const { data: status, error, refetch } = useQuery(gitStatusQuery(path))
  const [grouping, setGrouping] = useRemembered<'node' | 'file'>('git:grouping', 'node')
  const [layout, setLayout] = useDiffLayout()
  const isByNode = isFlow && grouping === 'node'
  return (
    <section className={styles.view} aria-label="Changes">
      <header className={styles.bar}>
        <h2 className={styles.title}>Changes</h2>
        <ComparedChoice {...props} status={status} />
        {isFlow && (
          <SegmentedControl
            label="Order of changes"
            value={grouping}
            onChange={setGrouping}
            options={[
              { value: 'node', label: 'By node' },
              { value: 'file', label: 'By file' },
            ]}
          />
        )}
        <span className={styles.barEnd}>
          <LayoutChoice layout={layout} onChange={setLayout} />
          <IconButton
            label="Close changes"
            icon={<IconX size={16} stroke={1.5} aria-hidden />}
            onClick={props.onClose}
          />
        </span>
      </header>
      <Sides {...props} />
      {error && !status && <ErrorMessage error={error} onRetry={() => void refetch()} />}
      {status?.repository === null && <EmptyState title="No repository">Nothing is compared here.</EmptyState>}
      {status?.repository && (
        <Differences {...{ path, place, status, isFlow, isByNode }} isSplit={layout === 'split'} />
      )}
    </section>
  )
}

type Mode = 'index' | 'branch' | 'commits'
const modeOf = ({ from, to }: ChangesSearch): Mode => (to ? 'commits' : from ? 'branch' : 'index')

function ComparedChoice({ path, place, onShow, status }: ChangesViewProps & { status: GitStatus | undefined }) {
  const { data: branches } = useQuery(branchesQuery(path))
  const others = branches?.branches.filter(({ name }) => name !== status?.branch) ?? []
  const main = others.find(({ name }) => name === 'main' || name === 'master') ?? others[0]
  const choose = (mode: Mode) => {
    if (mode === 'index') onShow({ git: 'changes' })
    else if (mode === 'branch') onShow({ git: 'changes', from: main?.name ?? 'HEAD' })
    else onShow({ git: 'changes', to: status?.commit ?? 'HEAD' })
  }
  return (
    <SegmentedControl
      label="What is compared"
      value={modeOf(place)}
      onChange={choose}
      options={[
        { value: 'index', label: 'Staged and not' },
        {
          value: 'branch',
          label: `Against ${modeOf(place) === 'branch' ? place.from : (main?.name ?? 'the last commit')}`,
        },
        { value: 'commits', label: 'Between commits' },
      ]}
    />
  )
}

/** Which branch, or which two commits. */
function Sides({ path, place, onShow }: ChangesViewProps) {
  const mode = modeOf(place)
  const { data: branches } = useQuery({ ...branchesQuery(path), enabled: mode !== 'index' })
  const { data: log } = useQuery({ ...logQuery(path, 100), enabled: mode === 'commits' })
  if (mode === 'index') return null
  const names = (branches?.branches ?? []).map(({ name }) => ({ value: name, label: name }))
  const commits = (log?.commits ?? []).map(({ id, subject }) => ({ value: id, label: `${id.slice(0, 7)} ${subject}` }))
  const withOwn = (value: string | undefined, options: { value: string; label: string }[]) =>
    !value || options.some((option) => option.value === value) ? options : [{ value, label: value }, ...options]
  return (
    <div className={styles.sides}>
      <SelectField
        inline
        size="medium"
        label={mode === 'branch' ? 'Against' : 'From'}
        value={place.from ?? ''}
        onChange={(from) => onShow({ ...place, from: from || undefined })}
        options={
          mode === 'branch'
            ? withOwn(place.from, [...names, { value: 'HEAD', label: 'the last commit' }])
            : withOwn(place.from, [{ value: '', label: 'the commit before' }, ...commits, ...names])
        }
      />
      {mode === 'commits' && (
        <SelectField
          inline
          size="medium"
          label="To"
          value={place.to ?? ''}
          onChange={(to) => onShow({ ...place, to })}
          options={withOwn(place.to, [...commits, ...names])}
        />
      )}
    </div>
  )
}

interface DifferencesProps {
  path: string
  place: ChangesSearch
  status: GitStatus
  isFlow: boolean
  isByNode: boolean
  isSplit: boolean
}

function Differences({ path, place, status, isFlow, isByNode, isSplit }: DifferencesProps) {
  const compared = useCompared(path, place, isFlow)
  const isSlow = useDelayed(compared.isPending)
  const groups = useGroups(path, compared, isByNode)
  const list = useRef<HTMLDivElement>(null)
  useFileInSight(list, place.file, groups)
  if (compared.error) {
    return <ErrorMessage error={compared.error} title="It could not be compared." onRetry={compared.retry} />
  }
  if (compared.isPending) return isSlow ? <Skeleton width="100%" height={160} /> : null
  if (groups.length === 0) {
    return (
      <EmptyState title="Nothing differs">
        {modeOf(place) === 'index' ? 'The files are as the last commit has them.' : 'Both sides hold the same here.'}
      </EmptyState>
    )
  }
  return (
    // biome-ignore lint/a11y/noNoninteractiveTabindex: what scrolls must be reachable by keyboard.
    <section ref={list} className={styles.scroll} tabIndex={0} aria-label="Differences">
      <Summary groups={groups} flow={compared.flow} />
      {groups.map((group) => (
        <GroupCard
          key={`${group.node} ${group.title}`}
          path={path}
          group={group}
          flow={compared.flow}
          nameOf={(file) => shortName(file, path)}
          isSplit={isSplit}
          isWritable={status.is_writable && status.state === 'clean'}
        />
      ))}
      {!compared.isAll && <p className="secondary">More files differ than are shown here.</p>}
    </section>
  )
}

function useGroups(path: string, compared: Compared, isByNode: boolean): ChangeGroup[] {
  const { parts, model, flow } = compared
  return useMemo(() => {
    const changes = allChanges(parts)
    if (!isByNode || !model) return byFile(changes, (file) => shortName(file, path))
    return byNode(changes, {
      model,
      flowFile: joinPath(path, flow?.flow_file ?? 'flow.dag.yaml'),
      inFlow: (file) => (isInside(file, path) ? file.slice(path.length + 1) : null),
      removed: flow?.nodes.filter(({ status }) => status === 'removed') ?? [],
    })
  }, [path, parts, model, flow, isByNode])
}

function useFileInSight(list: { current: HTMLElement | null }, file: string | undefined, groups: unknown[]): void {
  const count = groups.length
  useEffect(() => {
    if (!file || count === 0) return
    const box = list.current
    const found = box?.querySelector(`[data-file="${CSS.escape(file)}"]`)?.closest('section[aria-labelledby]')
    if (box && found) box.scrollTop += found.getBoundingClientRect().top - box.getBoundingClientRect().top - 8
  }, [list, file, count])
}

function Summary({ groups, flow }: { groups: readonly ChangeGroup[]; flow: GitFlowDiff | undefined }) {
  const files = new Map(groups.flatMap(({ changes }) => changes.map(({ file }) => [`${file.path} ${file.text}`, file])))
  const sum = (key: 'added' | 'removed') => [...files.values()].reduce((total, file) => total + (file[key] ?? 0), 0)
  const ports = (flow?.inputs.length ?? 0) + (flow?.outputs.length ?? 0)
  const added = new Set([...files.values()].filter(({ status }) => status === 'added').map(({ path }) => path)).size
  return (
    <p className={styles.summary} role="status">
      {flow && <Figure count={flow.nodes.length}>{flow.nodes.length === 1 ? 'node' : 'nodes'} changed</Figure>}
      {added > 0 && <Figure count={added}>{added === 1 ? 'file' : 'files'} added</Figure>}
      {flow && (
        <Figure count={ports}>
          {ports === 0
            ? 'inputs or outputs changed, so callers are not affected'
            : 'changes of inputs and outputs, which callers notice'}
        </Figure>
      )}
      <span className={styles.barEnd}>
        <Counts added={sum('added')} removed={sum('removed')} />
      </span>
    </p>
  )
}

function Figure({ count, children }: { count: number; children: ReactNode }) {
  return (
    <span>
      <b>{count}</b> <span className="secondary">{children}</span>
    </span>
  )
}
