import { IconColumns3 } from '@tabler/icons-react'
import { type RefObject, useDeferredValue, useMemo, useState } from 'react'
import type { FlowItem } from '../../api/flows'
import { IconButton } from '../../components/Button'
import { columnMenu } from '../../components/DataTable'
import { SearchField, SegmentedControl, SelectField } from '../../components/Field'
import { Keys } from '../../components/Keys'
import { Menu } from '../../components/Menu'
import { useTableLayout } from '../../components/tableState'
import { counted } from '../../lib/format'
import { matches } from '../../lib/match'
import { useRemembered } from '../../lib/useRemembered'
import styles from './FlowsPage.module.css'
import { FlowsTable, flowColumns } from './FlowsTable'
import { folderOf, typeTitle, typeTitles } from './flowWords'
import { RenameFlowDialog } from './RenameFlowDialog'
import { useFlowActions } from './useFlowActions'

interface FlowListProps {
  flows: readonly FlowItem[]
  me: string
  search: RefObject<HTMLInputElement | null>
}

const typeOptions = [{ value: '', label: 'Any type' }, ...typeTitles.map((title) => ({ value: title, label: title }))]

/** The table of flows with what narrows it down. */
export function FlowList({ flows, me, search }: FlowListProps) {
  const [query, setQuery] = useState('')
  const [whose, setWhose] = useRemembered<'mine' | 'all'>('flows:whose', 'all')
  const [type, setType] = useState('')
  const layout = useTableLayout('flows', flowColumns, { column: 'changed', descending: true })
  const actions = useFlowActions(flows, me)
  const words = useDeferredValue(query)
  const mine = useMemo(() => flows.filter((flow) => flow.owner === me), [flows, me])
  const shown = useMemo(
    () =>
      (whose === 'mine' ? mine : flows).filter(
        (flow) =>
          (type === '' || typeTitle(flow) === type) &&
          matches(words, `${folderOf(flow)}${flow.name} ${flow.display_name} ${flow.owner} ${flow.description}`),
      ),
    [flows, mine, whose, type, words],
  )

  return (
    <section className={`${styles.section} ${styles.list}`} aria-label="All flows">
      <div className={styles.tools}>
        <div className={styles.search}>
          <SearchField
            ref={search}
            label="Search flows"
            placeholder="Find a flow"
            value={query}
            onChange={setQuery}
            end={<Keys keys="/" />}
          />
        </div>
        <SegmentedControl
          label="Whose flows"
          value={whose}
          onChange={setWhose}
          options={[
            { value: 'all', label: 'Everyone’s', count: flows.length },
            { value: 'mine', label: 'Mine', count: mine.length },
          ]}
        />
        <div className={styles.type}>
          <SelectField label="Type" hideLabel size="medium" value={type} onChange={setType} options={typeOptions} />
        </div>
        <span className={styles.count} role="status">
          {counted(shown.length, 'flow')}
        </span>
        <Menu entries={columnMenu(layout, shown)} position="bottom-end">
          <IconButton label="Columns" icon={<IconColumns3 size={16} stroke={1.5} aria-hidden />} />
        </Menu>
      </div>
      {shown.length > 0 ? (
        <FlowsTable flows={shown} layout={layout} actions={actions} />
      ) : (
        <p className={styles.nothing}>{nothingFound(query, whose)}</p>
      )}
      {actions.renaming && <RenameFlowDialog flow={actions.renaming} onClose={actions.stopRenaming} />}
    </section>
  )
}

function nothingFound(query: string, whose: 'mine' | 'all'): string {
  if (query !== '') return `No flow matches ‘${query}’.`
  return whose === 'mine'
    ? 'None of these flows is yours yet. Create one, or duplicate one of everyone’s.'
    : 'No flow is of this type.'
}
