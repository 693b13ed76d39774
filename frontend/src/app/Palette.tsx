import { IconSearch } from '@tabler/icons-react'
import { useQuery } from '@tanstack/react-query'
import { useNavigate } from '@tanstack/react-router'
import { Fragment, type KeyboardEvent, useEffect, useId, useRef, useState } from 'react'
import { flowsQuery } from '../api/flows'
import { Keys } from '../components/Keys'
import { FlowTypeIcon } from '../components/Kind'
import { Modal } from '../components/Modal'
import { matches } from '../lib/match'
import { useAllCommands } from './commands'
import styles from './Palette.module.css'
import { openPalette } from './paletteState'

interface Choice {
  id: string
  group: string
  label: string
  where?: string
  keys?: string | undefined
  flowType?: string
  run: () => void
}

const mostFlows = 8
const mostRecent = 4

function useChoices(query: string): Choice[] {
  const navigate = useNavigate()
  const { data: flows = [] } = useQuery(flowsQuery)
  const commands = useAllCommands()
  const found: Choice[] = flows
    .filter((flow) => matches(query, `${flow.name} ${flow.display_name} ${flow.owner}`))
    .slice(0, query === '' ? mostRecent : mostFlows)
    .map((flow) => ({
      id: `flow ${flow.path}`,
      group: 'Flows',
      label: flow.name,
      where: flow.owner,
      flowType: flow.type,
      run: () => void navigate({ to: '/flows/$', params: { _splat: flow.path } }),
    }))
  const actions = commands
    .filter(
      (command) =>
        !command.listedOnly && command.run !== openPalette && matches(query, `${command.label} ${command.group}`),
    )
    .map((command) => ({ ...command, id: `command ${command.id}` }))
  return [...found, ...actions]
}

/** Goes to any flow or page and does any action, by name. */
export function Palette({ onClose }: { onClose: () => void }) {
  const [query, setQuery] = useState('')
  const [at, setAt] = useState(0)
  const listId = useId()
  const list = useRef<HTMLDivElement>(null)
  const choices = useChoices(query)
  const active = choices[Math.min(at, choices.length - 1)]
  const optionId = (choice: Choice) => `${listId}-${choices.indexOf(choice)}`

  const activeId = active ? optionId(active) : undefined
  useEffect(() => {
    if (activeId) document.getElementById(activeId)?.scrollIntoView({ block: 'nearest' })
  }, [activeId])

  function pick(choice: Choice | undefined) {
    if (!choice) return
    onClose()
    choice.run()
  }

  function key(event: KeyboardEvent) {
    const last = Math.max(0, choices.length - 1)
    if (event.key === 'ArrowDown') setAt(at >= last ? 0 : at + 1)
    else if (event.key === 'ArrowUp') setAt(at <= 0 ? last : at - 1)
    else if (event.key === 'Enter') pick(active)
    else return
    event.preventDefault()
  }

  return (
    <Modal label="Search or go to" onClose={onClose} width={600} high>
      <div className={styles.input}>
        <IconSearch size={16} stroke={1.5} aria-hidden />
        <input
          role="combobox"
          aria-label="Search or go to"
          aria-expanded
          aria-controls={listId}
          aria-activedescendant={activeId}
          aria-autocomplete="list"
          placeholder="A flow, a page or an action"
          value={query}
          data-autofocus
          onChange={(event) => {
            setQuery(event.target.value)
            setAt(0)
          }}
          onKeyDown={key}
        />
      </div>
      <div ref={list} id={listId} role="listbox" aria-label="Results" className={styles.list}>
        {choices.map((choice, index) => (
          <Fragment key={choice.id}>
            {choice.group !== choices[index - 1]?.group && (
              <div className={styles.group} role="presentation">
                {choice.group}
              </div>
            )}
            {/* biome-ignore lint/a11y/useKeyWithClickEvents: the field above handles the keys. */}
            {/* biome-ignore lint/a11y/useFocusableInteractive: the field above holds the focus. */}
            <div
              id={optionId(choice)}
              role="option"
              aria-selected={choice === active}
              className={styles.option}
              onClick={() => pick(choice)}
              onMouseMove={() => setAt(index)}
            >
              {choice.flowType && <FlowTypeIcon type={choice.flowType} />}
              <span className="truncate">{choice.label}</span>
              {choice.where && <span className={styles.where}>{choice.where}</span>}
              {choice.keys && (
                <span className={styles.where}>
                  <Keys keys={choice.keys} />
                </span>
              )}
            </div>
          </Fragment>
        ))}
      </div>
      {choices.length === 0 && <p className={styles.none}>Nothing is called that.</p>}
    </Modal>
  )
}
