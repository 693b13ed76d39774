import { IconArrowBackUp, IconArrowsMaximize } from '@tabler/icons-react'
import { useQuery } from '@tanstack/react-query'
import { Link } from '@tanstack/react-router'
import { useState } from 'react'
import { diffQuery, type HistoryEntry } from '../../api/history'
import { Button, buttonClass } from '../../components/Button'
import { SegmentedControl } from '../../components/Field'
import { ErrorMessage } from '../../components/Note'
import { Time } from '../../components/Time'
import { DiffView } from './DiffView'
import styles from './HistoryPanel.module.css'
import { useReadOnlyReason } from './mayWrite'
import { restoreWithUndo } from './restore'
import { Timeline } from './Timeline'
import { useTimeline } from './useTimeline'

/** The history of a flow beside its cards: what happened, and under it what one version changed. */
export function HistoryPanel({ path }: { path: string }) {
  const timeline = useTimeline(path, false)
  const [chosen, setChosen] = useState<string | null>(null)
  const entry = timeline.entries.find((each) => each.id === chosen) ?? null
  return (
    <div className={styles.panel}>
      <div className={styles.timeline}>
        <Timeline
          path={path}
          timeline={timeline}
          selected={chosen}
          onSelect={(next) => setChosen(next.id === chosen ? null : next.id)}
        />
      </div>
      {entry && <Chosen key={entry.id} path={path} entry={entry} />}
    </div>
  )
}

function Chosen({ path, entry }: { path: string; entry: HistoryEntry }) {
  const [against, setAgainst] = useState<'before' | 'now'>('before')
  const { data, error, refetch } = useQuery(
    against === 'now' ? diffQuery(path, entry.id, null) : diffQuery(path, null, entry.id),
  )
  const reason = useReadOnlyReason(path)
  return (
    <section className={styles.chosen} aria-label="Changes of the version">
      <header className={styles.head}>
        <span className="medium truncate">
          <Time at={entry.at} />
        </span>
        <SegmentedControl
          label="Changes"
          value={against}
          onChange={setAgainst}
          options={[
            { value: 'before', label: 'It made' },
            { value: 'now', label: 'Since' },
          ]}
        />
        <span className="grow" />
        <Link
          to="/history/$"
          params={{ _splat: path }}
          search={{ version: entry.id }}
          className={buttonClass('ghost', 'small')}
          aria-label="Open the history page"
          title="Open the history page"
        >
          <IconArrowsMaximize size={14} stroke={1.5} aria-hidden />
        </Link>
        <Button
          size="small"
          icon={<IconArrowBackUp size={14} stroke={1.5} aria-hidden />}
          disabledReason={reason}
          onClick={() => void restoreWithUndo(path, entry)}
        >
          Restore
        </Button>
      </header>
      {/* biome-ignore lint/a11y/noNoninteractiveTabindex: what scrolls must be reachable by keyboard. */}
      <section className={styles.changes} tabIndex={0} aria-label="Differences">
        {error && <ErrorMessage error={error} onRetry={() => void refetch()} />}
        {data && data.files.length > 0 && <DiffView diff={data} place={path} layout="inline" />}
        {data && data.files.length === 0 && <p className="secondary">Nothing differs.</p>}
        {data && data.files.length > 0 && (
          <p className="small secondary">Restoring is a new version itself. Nothing is lost.</p>
        )}
      </section>
    </section>
  )
}
