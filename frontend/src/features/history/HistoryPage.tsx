import { useNavigate } from '@tanstack/react-router'
import { lazy, Suspense } from 'react'
import { Breadcrumb, type Crumb } from '../../app/TopBar'
import { EmptyState } from '../../components/EmptyState'
import { Switch } from '../../components/Field'
import { Panel } from '../../components/Panel'
import { Splitter } from '../../components/Splitter'
import { ancestorPaths, baseName } from '../../lib/paths'
import { useRemembered } from '../../lib/useRemembered'
import { Changes } from './Changes'
import type { Against } from './comparison'
import { LayoutChoice, useDiffLayout } from './DiffView'
import styles from './HistoryPage.module.css'
import { Timeline } from './Timeline'
import { type TimelineState, useTimeline } from './useTimeline'
import { VersionHead, VersionTools } from './VersionHead'

const VersionContent = lazy(() => import('./VersionContent').then((module) => ({ default: module.VersionContent })))

export interface HistorySearch {
  version?: string | undefined
  /** What the version is held against. */
  against?: Against | undefined
  show?: 'content' | undefined
}

/** The history of a file, folder or flow: what happened at the right, what a version changed at the left. */
export function HistoryPage({ path, search }: { path: string; search: HistorySearch }) {
  const navigate = useNavigate()
  const [every, setEvery] = useRemembered('history:every', false)
  const timeline = useTimeline(path, every)
  const id = search.version ?? timeline.entries[0]?.id ?? null
  const go = (next: HistorySearch) =>
    void navigate({ to: '/history/$', params: { _splat: path }, search: { ...search, ...next }, replace: true })
  return (
    <>
      <h1 className="visually-hidden">History of {baseName(path)}</h1>
      <Breadcrumb crumbs={crumbsOf(path)} />
      <Splitter
        direction="horizontal"
        label="Width of the timeline"
        storageKey="history"
        sized="second"
        initial={340}
        min={240}
        minRest={420}
      >
        {id === null ? (
          <NoVersion timeline={timeline} />
        ) : (
          <Version path={path} id={id} search={search} go={go} timeline={timeline} />
        )}
        <Panel title="History" actions={<Switch label="Every save" checked={every} onChange={setEvery} />}>
          <Timeline
            path={path}
            timeline={timeline}
            selected={id}
            onSelect={(entry) => go({ version: entry.id, against: search.against === 'now' ? 'now' : undefined })}
          />
        </Panel>
      </Splitter>
    </>
  )
}

function crumbsOf(path: string): Crumb[] {
  const places = [...ancestorPaths(path), path].map((place) => ({ label: baseName(place), to: `/files/${place}` }))
  return [{ label: 'Files', to: '/files' }, ...places, { label: 'History' }]
}

function NoVersion({ timeline }: { timeline: TimelineState }) {
  const isEmpty = !timeline.isPending && !timeline.error
  return (
    <div className={styles.version}>
      {isEmpty && (
        <EmptyState title="No version yet">
          Once something changes here, it is kept with its author and time.
        </EmptyState>
      )}
    </div>
  )
}

interface VersionProps {
  path: string
  id: string
  search: HistorySearch
  go: (search: HistorySearch) => void
  timeline: TimelineState
}

function Version({ path, id, search, go, timeline }: VersionProps) {
  const [layout, setLayout] = useDiffLayout()
  const { entries } = timeline
  const entry = entries.find((each) => each.id === id) ?? null
  const isFlow = timeline.unit === path && path.includes('/promptflow/')
  const show = search.show ?? 'changes'
  const against = search.against ?? 'before'
  return (
    <section className={styles.version} aria-label="Version">
      <VersionHead path={path} id={id} entry={entry} isFlow={isFlow} />
      <VersionTools
        id={id}
        entries={entries}
        show={show}
        onShow={(next) => go({ show: next === 'content' ? next : undefined })}
        against={against}
        onAgainst={(next) => go({ against: next === 'before' ? undefined : next })}
        end={show === 'changes' && <LayoutChoice layout={layout} onChange={setLayout} />}
      />
      {/* biome-ignore lint/a11y/noNoninteractiveTabindex: what scrolls must be reachable by keyboard. */}
      <section className={styles.content} tabIndex={0} aria-label="What the version holds">
        {show === 'content' ? (
          <Suspense>
            <VersionContent path={path} version={id} />
          </Suspense>
        ) : (
          <Changes
            path={path}
            id={id}
            entry={entry}
            against={against}
            entries={entries}
            layout={layout}
            isFlow={isFlow}
          />
        )}
      </section>
    </section>
  )
}
