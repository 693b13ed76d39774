import { useQuery } from '@tanstack/react-query'
import { useNavigate } from '@tanstack/react-router'
import { useState } from 'react'
import { flowsQuery } from '../api/flows'
import { Keys } from '../components/Keys'
import { FlowTypeIcon } from '../components/Kind'
import { matches } from '../lib/match'
import { type Choice, Chooser } from './Chooser'
import { useAllCommands } from './commands'
import { openPalette } from './paletteState'

const mostFlows = 8
const mostRecent = 4

function useChoices(query: string): Choice[] {
  const navigate = useNavigate()
  const { data: flows = [] } = useQuery(flowsQuery)
  const commands = useAllCommands()
  const found = flows
    .filter((flow) => matches(query, `${flow.name} ${flow.display_name} ${flow.owner}`))
    .slice(0, query === '' ? mostRecent : mostFlows)
    .map(
      (flow): Choice => ({
        id: `flow ${flow.path}`,
        group: 'Flows',
        label: flow.name,
        where: flow.owner,
        icon: flow.type && <FlowTypeIcon type={flow.type} />,
        run: () => void navigate({ to: '/flows/$', params: { _splat: flow.path } }),
      }),
    )
  const actions = commands
    .filter(
      (command) =>
        !command.listedOnly && command.run !== openPalette && matches(query, `${command.label} ${command.group}`),
    )
    .map(
      ({ id, group, label, keys, run }): Choice => ({
        id: `command ${id}`,
        group,
        label,
        where: keys && <Keys keys={keys} />,
        run,
      }),
    )
  return [...found, ...actions]
}

/** Goes to any flow or page and does any action, by name. */
export function Palette({ onClose }: { onClose: () => void }) {
  const [query, setQuery] = useState('')
  return (
    <Chooser
      label="Search or go to"
      placeholder="A flow, a page or an action"
      query={query}
      onQuery={setQuery}
      choices={useChoices(query)}
      none="Nothing is called that."
      onClose={onClose}
    />
  )
}
