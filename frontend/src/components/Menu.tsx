import { Menu as MantineMenu } from '@mantine/core'
import { IconCheck } from '@tabler/icons-react'
import { Fragment, type ReactElement, type ReactNode, useEffect, useState } from 'react'
import { classes } from '../lib/classes'
import { Keys } from './Keys'
import styles from './Menu.module.css'

export interface MenuAction {
  label: string
  onSelect: () => void
  icon?: ReactNode
  keys?: string
  /** A word at the end, such as a count. */
  end?: ReactNode
  danger?: boolean
  /** Can be on and off by itself; the menu stays open. */
  checked?: boolean
  disabledReason?: string | null
}

/** One of several values, of which one holds. */
export interface MenuChoice {
  options: readonly { value: string; label: string }[]
  value: string
  onChoose: (value: string) => void
}

/** An action, a choice, a heading over those that follow, a line, or nothing. */
export type MenuEntry = MenuAction | MenuChoice | { heading: string } | 'line' | null | false

/** Menus stand inside the top bar's landmark, so that screen readers find them in a named place. */
const floatsTarget = '#floats'

const dropdownClasses = {
  dropdown: styles.dropdown,
  item: styles.item,
  itemIndicator: styles.indicator,
  label: styles.label,
  divider: styles.divider,
}

function Entry({ entry }: { entry: MenuEntry }) {
  if (!entry) return null
  if (entry === 'line') return <MantineMenu.Divider />
  if ('heading' in entry) return <MantineMenu.Label>{entry.heading}</MantineMenu.Label>
  if ('options' in entry) return <Choice choice={entry} />
  if (entry.checked !== undefined) {
    return (
      <MantineMenu.CheckboxItem checked={entry.checked} onChange={entry.onSelect}>
        <Checkable label={entry.label} checked={entry.checked} />
      </MantineMenu.CheckboxItem>
    )
  }
  return (
    <MantineMenu.Item
      className={classes(entry.danger && styles.danger)}
      disabled={Boolean(entry.disabledReason)}
      onClick={entry.onSelect}
    >
      <span className="row">
        {entry.icon}
        <span className="grow">{entry.label}</span>
        {entry.disabledReason && <span className={styles.reason}>{entry.disabledReason}</span>}
        {entry.end}
        {entry.keys && <Keys keys={entry.keys} />}
      </span>
    </MantineMenu.Item>
  )
}

function Choice({ choice }: { choice: MenuChoice }) {
  return (
    <MantineMenu.RadioGroup value={choice.value} onChange={choice.onChoose}>
      {choice.options.map(({ value, label }) => (
        <MantineMenu.RadioItem key={value} value={value}>
          <Checkable label={label} checked={value === choice.value} />
        </MantineMenu.RadioItem>
      ))}
    </MantineMenu.RadioGroup>
  )
}

function Checkable({ label, checked }: { label: string; checked: boolean }) {
  return (
    <span className="row">
      <span className="grow">{label}</span>
      {checked && <IconCheck size={14} stroke={2} aria-hidden />}
    </span>
  )
}

function Entries({ entries }: { entries: MenuEntry[] }) {
  return entries.map((entry, index) => {
    const key = typeof entry === 'object' && entry && 'label' in entry ? entry.label : index
    return (
      <Fragment key={key}>
        <Entry entry={entry} />
      </Fragment>
    )
  })
}

interface MenuProps {
  /** The button that opens the menu. */
  children: ReactElement
  entries: MenuEntry[]
  position?: 'bottom-start' | 'bottom-end' | 'right-end' | 'top-start'
  width?: number
}

export function Menu({ children, entries, position = 'bottom-start', width }: MenuProps) {
  return (
    <MantineMenu
      position={position}
      offset={4}
      classNames={dropdownClasses}
      transitionProps={{ duration: 0 }}
      withInitialFocusPlaceholder={false}
      portalProps={{ target: floatsTarget }}
      {...(width ? { width } : {})}
    >
      <MantineMenu.Target>{children}</MantineMenu.Target>
      <MantineMenu.Dropdown>
        <Entries entries={entries} />
      </MantineMenu.Dropdown>
    </MantineMenu>
  )
}

export interface ContextMenuState {
  x: number
  y: number
  entries: MenuEntry[]
}

interface ContextMenuProps {
  state: ContextMenuState | null
  onClose: () => void
}

/** A menu at a point, for right clicks and the menu key. Focus returns to where it was. */
export function ContextMenu({ state, onClose }: ContextMenuProps) {
  const [returnTo, setReturnTo] = useState<Element | null>(null)
  useEffect(() => {
    if (state) setReturnTo(document.activeElement)
  }, [state])
  if (!state) return null
  const close = () => {
    onClose()
    if (returnTo instanceof HTMLElement) returnTo.focus()
  }
  return (
    <MantineMenu
      opened
      onChange={(opened) => !opened && close()}
      position="bottom-start"
      offset={0}
      classNames={dropdownClasses}
      transitionProps={{ duration: 0 }}
      returnFocus={false}
      trapFocus
      withInitialFocusPlaceholder={false}
      portalProps={{ target: floatsTarget }}
    >
      <MantineMenu.Target>
        <button
          type="button"
          tabIndex={-1}
          aria-label="Actions"
          className={styles.anchor}
          style={{ left: state.x, top: state.y }}
        />
      </MantineMenu.Target>
      <MantineMenu.Dropdown>
        <Entries entries={state.entries} />
      </MantineMenu.Dropdown>
    </MantineMenu>
  )
}
