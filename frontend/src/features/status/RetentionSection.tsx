import { useQuery, useSuspenseQuery } from '@tanstack/react-query'
import { useDeferredValue, useMemo, useState } from 'react'
import { type HistoryRetention, type RetentionRule, retentionQuery } from '../../api/history'
import { sessionQuery } from '../../api/session'
import { Button } from '../../components/Button'
import { Card } from '../../components/Card'
import { DataTable } from '../../components/DataTable'
import { TextField } from '../../components/Field'
import { ErrorMessage } from '../../components/Note'
import { Time } from '../../components/Time'
import { type Column, useTableLayout } from '../../components/tableState'
import { classes } from '../../lib/classes'
import { counted, formatBytes, formatCount } from '../../lib/format'
import { ApplyRetentionDialog } from './ApplyRetentionDialog'
import styles from './SettingsPage.module.css'

/** How long earlier versions are kept, what goes by that, and for an admin letting it go at once. */
export function RetentionSection() {
  const { data: session } = useSuspenseQuery(sessionQuery)
  const { data: usual, error, refetch } = useQuery(retentionQuery({}))
  return (
    <Card
      as="section"
      id="retention"
      padded
      className={classes(styles.section, styles.wide)}
      aria-labelledby="retention-title"
    >
      <h2 id="retention-title" className={styles.title}>
        Retention of the history
      </h2>
      {error && <ErrorMessage error={error} title="The rule could not be read." onRetry={() => void refetch()} />}
      {usual && <Rule usual={usual} isAdmin={session?.role === 'admin'} />}
    </Card>
  )
}

function sentenceOf({ days, keep }: { days: number; keep: number }): string {
  if (days === 0) return 'Every version is kept for good.'
  return `Versions older than ${counted(days, 'day')} go once a day, but for the newest ${formatCount(keep)} of each flow; deployments stay.`
}

const wholeNumber = (text: string, least: number): number | null => {
  const value = Number(text)
  return /^\d+$/.test(text.trim()) && value >= least && value <= 100_000 ? value : null
}

function Rule({ usual, isAdmin }: { usual: HistoryRetention; isAdmin: boolean }) {
  const [days, setDays] = useState(String(usual.days || 365))
  const [keep, setKeep] = useState(String(usual.keep))
  const [isApplying, setApplying] = useState(false)
  const [daysAsked, keepAsked] = [wholeNumber(days, 1), wholeNumber(keep, 0)]
  const isValid = daysAsked !== null && keepAsked !== null
  const rule = useDeferredValue<RetentionRule>(isValid ? { days: daysAsked, keep: keepAsked } : {})
  const preview = useQuery({ ...retentionQuery(rule), enabled: isValid, placeholderData: (before) => before })
  const going = preview.data?.entries ?? 0
  return (
    <>
      <p className="secondary">
        {sentenceOf(usual)} {isAdmin && 'The settings history-days and history-keep of pfstudio serve change that.'}
      </p>
      <div className={styles.rule}>
        <TextField
          label="Older than (days)"
          inputMode="numeric"
          value={days}
          onChange={setDays}
          problem={daysAsked === null ? 'Enter a number from 1 to 100,000.' : undefined}
        />
        <TextField
          label="Always keep of each flow"
          inputMode="numeric"
          value={keep}
          onChange={setKeep}
          problem={keepAsked === null ? 'Enter a number up to 100,000.' : undefined}
        />
        {isAdmin && (
          <Button
            size="large"
            variant="danger"
            disabledReason={!isValid ? 'The rule is not complete.' : going === 0 ? 'Nothing goes by this rule.' : null}
            onClick={() => setApplying(true)}
          >
            Remove versions…
          </Button>
        )}
      </div>
      {preview.error && <ErrorMessage error={preview.error} />}
      {preview.data && <Going preview={preview.data} />}
      {isApplying && preview.data && (
        <ApplyRetentionDialog rule={rule} preview={preview.data} onClose={() => setApplying(false)} />
      )}
    </>
  )
}

type Leaving = HistoryRetention['histories'][number]

const columns: readonly Column<Leaving>[] = [
  {
    id: 'path',
    title: 'History of',
    fixed: true,
    value: (each) => each.path,
    cell: (each) => <span title={each.path}>{each.path}</span>,
  },
  number('going', 'Go', (each) => each.entries),
  number('staying', 'Stay', (each) => each.staying),
  time('oldest', 'Oldest that goes', (each) => each.oldest),
  time('newest', 'Newest that goes', (each) => each.newest),
]

function number(id: string, title: string, of: (each: Leaving) => number): Column<Leaving> {
  return { id, title, width: 100, numeric: true, value: of, cell: (each) => formatCount(of(each)) }
}

function time(id: string, title: string, of: (each: Leaving) => string): Column<Leaving> {
  return {
    id,
    title,
    width: 150,
    numeric: true,
    value: (each) => Date.parse(of(each)),
    cell: (each) => <Time at={of(each)} />,
  }
}

function Going({ preview }: { preview: HistoryRetention }) {
  const layout = useTableLayout('retention', columns, { column: 'going', descending: true })
  const rows = useMemo(() => preview.histories, [preview])
  return (
    <>
      <p role="status">
        {preview.entries === 0
          ? 'By this rule nothing goes now.'
          : `By this rule ${counted(preview.entries, 'version')} go now, which frees about ${formatBytes(preview.bytes)}.`}
      </p>
      {rows.length > 0 && (
        <DataTable
          label="What goes"
          rows={rows}
          rowKey={(each) => each.path}
          rowName={(each) => each.path}
          layout={layout}
        />
      )}
    </>
  )
}
