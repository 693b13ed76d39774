import type { AuditEntry } from '../../api/audit'
import { Time } from '../../components/Time'
import type { Column } from '../../components/tableState'

/** `user.role_changed` in words. */
export function wordsOf(act: string): string {
  const text = act.replace('.', ' ').replaceAll('_', ' ')
  return text.charAt(0).toUpperCase() + text.slice(1)
}

function textOf(value: unknown): string {
  if (Array.isArray(value)) return value.map(textOf).join(', ')
  return typeof value === 'string' ? value : JSON.stringify(value)
}

const detailsOf = (entry: AuditEntry): string =>
  Object.entries(entry.details)
    .map(([name, value]) => `${name.replaceAll('_', ' ')} ${textOf(value)}`)
    .join(' · ')

export const auditColumns: readonly Column<AuditEntry>[] = [
  {
    id: 'at',
    title: 'When',
    width: 130,
    sortKey: (entry) => entry.id,
    value: (entry) => entry.at,
    cell: (entry) => <Time at={entry.at} />,
  },
  {
    id: 'actor',
    title: 'Who',
    width: 150,
    value: (entry) => entry.actor ?? '',
    cell: (entry) => entry.actor ?? <span className="secondary">nobody signed in</span>,
  },
  {
    id: 'act',
    title: 'Did',
    width: 200,
    value: (entry) => entry.act,
    cell: (entry) => wordsOf(entry.act),
  },
  {
    id: 'subject',
    title: 'To what',
    fixed: true,
    value: (entry) => entry.subject,
    cell: (entry) => <span title={entry.subject}>{entry.subject}</span>,
  },
  {
    id: 'details',
    title: 'Details',
    width: 340,
    value: detailsOf,
    cell: (entry) => (
      <span className="secondary" title={detailsOf(entry)}>
        {detailsOf(entry)}
      </span>
    ),
  },
]
