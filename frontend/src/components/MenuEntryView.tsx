import { IconCheck } from '@tabler/icons-react'
import { classes } from '../lib/classes'
import { Keys } from './Keys'
import styles from './Menu.module.css'
import type { MenuAction, MenuChoice, MenuEntry } from './menuEntries'

interface EntryProps<Entry> {
  entry: Entry
  /** Closes the menu, then does what was chosen. */
  onSelect: (act: () => void) => void
}

/** One entry of a menu. */
export function MenuEntryView({ entry, onSelect }: EntryProps<MenuEntry>) {
  if (!entry) return null
  if (entry === 'line') return <hr className={styles.divider} />
  if ('heading' in entry) return <div className={styles.label}>{entry.heading}</div>
  if ('options' in entry) return <Choice choice={entry} />
  if (entry.checked !== undefined) {
    return (
      <Checkable role="menuitemcheckbox" label={entry.label} checked={entry.checked} onClick={() => entry.onSelect()} />
    )
  }
  return <Action entry={entry} onSelect={onSelect} />
}

function Action({ entry, onSelect }: EntryProps<MenuAction>) {
  return (
    <button
      type="button"
      role="menuitem"
      tabIndex={-1}
      className={classes(styles.item, entry.danger && styles.danger)}
      disabled={Boolean(entry.disabledReason)}
      onClick={() => onSelect(entry.onSelect)}
    >
      <span className="row grow">
        {entry.icon}
        <span className="grow">{entry.label}</span>
        {entry.disabledReason && <span className={styles.reason}>{entry.disabledReason}</span>}
        {entry.end}
        {entry.keys && <Keys keys={entry.keys} />}
      </span>
    </button>
  )
}

function Choice({ choice }: { choice: MenuChoice }) {
  return (
    // biome-ignore lint/a11y/useSemanticElements: a group of a menu is no group of a form.
    <div role="group">
      {choice.options.map(({ value, label }) => (
        <Checkable
          key={value}
          role="menuitemradio"
          label={label}
          checked={value === choice.value}
          onClick={() => choice.onChoose(value)}
        />
      ))}
    </div>
  )
}

interface CheckableProps {
  role: 'menuitemcheckbox' | 'menuitemradio'
  label: string
  checked: boolean
  onClick: () => void
}

function Checkable({ role, label, checked, onClick }: CheckableProps) {
  return (
    // biome-ignore lint/a11y/useAriaPropsSupportedByRole: both roles have it.
    <button type="button" role={role} aria-checked={checked} tabIndex={-1} className={styles.item} onClick={onClick}>
      <span className="row grow">
        <span className="grow">{label}</span>
        {checked && <IconCheck size={14} stroke={2} aria-hidden />}
      </span>
    </button>
  )
}
