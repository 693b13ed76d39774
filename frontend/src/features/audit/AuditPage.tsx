import { useInfiniteQuery, useQuery } from '@tanstack/react-query'
import { useDeferredValue, useMemo, useState } from 'react'
import { type AuditFilters, auditCheckQuery, auditChoicesQuery, auditDownload, auditQuery } from '../../api/audit'
import { Page } from '../../app/Page'
import { Breadcrumb } from '../../app/TopBar'
import { Button, buttonClass } from '../../components/Button'
import { DataTable } from '../../components/DataTable'
import { EmptyState } from '../../components/EmptyState'
import { SearchField, SelectField } from '../../components/Field'
import { ErrorMessage, Note } from '../../components/Note'
import { Skeleton } from '../../components/Skeleton'
import { useTableLayout } from '../../components/tableState'
import { useDelayed } from '../../lib/useDelayed'
import styles from './AuditPage.module.css'
import { auditColumns, wordsOf } from './auditColumns'

/** Who did what, for admins. */
export function AuditPage() {
  const [actor, setActor] = useState('')
  const [act, setAct] = useState('')
  const [typed, setTyped] = useState('')
  const text = useDeferredValue(typed.trim())
  const filters = useMemo<AuditFilters>(
    () => ({ ...(actor && { actor }), ...(act && { act }), ...(text && { text }) }),
    [actor, act, text],
  )
  const { data: choices } = useQuery(auditChoicesQuery)
  const kinds = useMemo(() => [...new Set((choices?.acts ?? []).map((each) => each.split('.')[0] ?? each))], [choices])
  return (
    <>
      <Breadcrumb crumbs={[{ label: 'Settings', to: '/settings' }, { label: 'Audit log' }]} />
      <Page
        title="Audit log"
        about="Sign-ins, accounts, connections and uses of secrets. It is added to and never changed."
        actions={
          <a className={buttonClass()} href={auditDownload(filters)} download>
            Download as JSON lines
          </a>
        }
      >
        <Check />
        <div className={styles.filters}>
          <SearchField label="Search subjects" placeholder="Search subjects" value={typed} onChange={setTyped} />
          <SelectField
            label="Person"
            hideLabel
            size="medium"
            value={actor}
            onChange={setActor}
            options={[
              { value: '', label: 'Everybody' },
              ...(choices?.actors ?? []).map((name) => ({ value: name, label: name })),
            ]}
          />
          <SelectField
            label="Act"
            hideLabel
            size="medium"
            value={act}
            onChange={setAct}
            options={[
              { value: '', label: 'Every act' },
              ...kinds.map((kind) => ({ value: kind, label: `${wordsOf(kind)}: all` })),
              ...(choices?.acts ?? []).map((each) => ({ value: each, label: wordsOf(each) })),
            ]}
          />
        </div>
        <Entries filters={filters} />
      </Page>
    </>
  )
}

function Check() {
  const { data: check } = useQuery(auditCheckQuery)
  if (typeof check?.broken_at !== 'number') return null
  return (
    <Note tone="danger" role="alert">
      The log was changed outside of the studio: entry {check.broken_at} is not as it was written, or one before it is
      missing.
    </Note>
  )
}

function Entries({ filters }: { filters: AuditFilters }) {
  const log = useInfiniteQuery(auditQuery(filters))
  const rows = useMemo(() => log.data?.pages.flatMap((page) => page.entries) ?? [], [log.data])
  const layout = useTableLayout('audit', auditColumns, { column: 'at', descending: true })
  const isSlow = useDelayed(log.isPending)
  if (log.isPending) return isSlow ? <Skeleton width="100%" height={320} /> : null
  if (log.error && rows.length === 0)
    return <ErrorMessage error={log.error} title="The log could not be read." onRetry={() => void log.refetch()} />
  if (rows.length === 0) return <EmptyState title="Nothing of this kind has happened">Try other filters.</EmptyState>
  return (
    <>
      <DataTable
        label="Audit log"
        rows={rows}
        rowKey={(entry) => String(entry.id)}
        rowName={(entry) => `Entry ${entry.id}`}
        layout={layout}
      />
      {log.error && <ErrorMessage error={log.error} title="More could not be read." />}
      {log.hasNextPage && (
        <div className={styles.more}>
          <Button busy={log.isFetchingNextPage} onClick={() => void log.fetchNextPage()}>
            Show older entries
          </Button>
        </div>
      )}
    </>
  )
}
