import { type KeyboardEvent, type ReactNode, useRef } from 'react'
import { classes } from '../lib/classes'
import styles from './Tabs.module.css'

export interface Tab<Id extends string> {
  id: Id
  label: string
  icon?: ReactNode
  count?: number | undefined
  tone?: 'danger' | 'warning' | undefined
}

interface TabsProps<Id extends string> {
  /** Names the list of tabs. */
  label: string
  tabs: readonly Tab<Id>[]
  value: Id
  onChange: (id: Id) => void
  /** Controls at the right of the tabs. */
  end?: ReactNode
}

export const tabId = (label: string, id: string) => `tab-${label}-${id}`.replaceAll(' ', '-')
const panelId = (label: string, id: string) => `${tabId(label, id)}-panel`

export function Tabs<Id extends string>({ label, tabs, value, onChange, end }: TabsProps<Id>) {
  const list = useRef<HTMLDivElement>(null)

  function key(event: KeyboardEvent) {
    const at = tabs.findIndex((tab) => tab.id === value)
    const targets: Record<string, number> = {
      ArrowRight: (at + 1) % tabs.length,
      ArrowLeft: (at - 1 + tabs.length) % tabs.length,
      Home: 0,
      End: tabs.length - 1,
    }
    const next = tabs[targets[event.key] ?? -1]
    if (!next) return
    event.preventDefault()
    onChange(next.id)
    list.current?.querySelector<HTMLElement>(`#${CSS.escape(tabId(label, next.id))}`)?.focus()
  }

  return (
    <div className={styles.tabs}>
      <div ref={list} role="tablist" aria-label={label} className={styles.list} onKeyDown={key}>
        {tabs.map((tab) => (
          <button
            key={tab.id}
            type="button"
            role="tab"
            id={tabId(label, tab.id)}
            aria-selected={tab.id === value}
            aria-controls={tab.id === value ? panelId(label, tab.id) : undefined}
            tabIndex={tab.id === value ? 0 : -1}
            className={styles.tab}
            onClick={() => onChange(tab.id)}
          >
            {tab.icon}
            {tab.label}
            {tab.count ? (
              <span className={classes(styles.count, tab.tone && styles[tab.tone])}> {tab.count}</span>
            ) : null}
          </button>
        ))}
      </div>
      {end && <div className={styles.end}>{end}</div>}
    </div>
  )
}

interface TabPanelProps {
  /** The label of the `Tabs` this panel belongs to. */
  of: string
  id: string
  className?: string
  children: ReactNode
}

export function TabPanel({ of, id, className, children }: TabPanelProps) {
  return (
    // biome-ignore lint/a11y/noNoninteractiveTabindex: a panel that scrolls must be reachable by keyboard.
    <div role="tabpanel" id={panelId(of, id)} aria-labelledby={tabId(of, id)} tabIndex={0} className={className}>
      {children}
    </div>
  )
}
