import { IconDots, IconPlus, IconTerminal2, IconTrash } from '@tabler/icons-react'
import { useQuery } from '@tanstack/react-query'
import { type RefObject, useEffect, useRef, useState } from 'react'
import { useCommands } from '../../app/commands'
import { Button, IconButton } from '../../components/Button'
import { EmptyState } from '../../components/EmptyState'
import { Menu } from '../../components/Menu'
import { ErrorMessage } from '../../components/Note'
import { TabPanel, Tabs, tabId } from '../../components/Tabs'
import { toast } from '../../components/Toasts'
import { useRemembered } from '../../lib/useRemembered'
import { TerminalView } from './TerminalView'
import { newTab, type TerminalTab, tabNames, withRunning } from './tabs'
import styles from './terminal.module.css'
import { endTerminal, terminalsQuery } from './terminals'

const name = 'Terminals'
const keys = [
  {
    id: 'leave-terminal',
    label: 'Leave the terminal',
    keys: 'Ctrl+Shift+L',
    group: 'Terminal',
    run: () => undefined,
    listedOnly: true,
  },
  {
    id: 'paste-terminal',
    label: 'Paste into the terminal',
    keys: 'Ctrl+V',
    group: 'Terminal',
    run: () => undefined,
    listedOnly: true,
  },
]
const look = { size: 16, stroke: 1.5, 'aria-hidden': true } as const

interface TerminalPaneProps {
  /** Where new terminals start. */
  folder: string
  /** Shows only terminals that were started in this folder; null: all of one's own. */
  within: string | null
  /** Whether to open one at once: `always`, or where there is none yet. */
  opens: 'always' | 'first' | 'never'
  /** What the empty pane says besides. */
  hint?: string | undefined
}

/** One's terminals as tabs. They go on when the page is left, and are there again when it comes back. */
export function TerminalPane({ folder, within, opens, hint }: TerminalPaneProps) {
  const { data: list, error, refetch } = useQuery(terminalsQuery)
  const pane = useTabs(folder, within, opens, list)
  const [isReadAloud, setReadAloud] = useRemembered('terminal screen reader', false)
  const root = useRef<HTMLDivElement>(null)
  useCommands(keys)
  if (error && !list) {
    return <ErrorMessage bar error={error} title="The terminals could not be read." onRetry={() => void refetch()} />
  }
  if (!list) return <div className={styles.pane} />
  if (list.note !== null && pane.tabs.length === 0) {
    return (
      <EmptyState icon={<IconTerminal2 size={20} stroke={1.5} aria-hidden />} title="No terminals here">
        {list.note}
      </EmptyState>
    )
  }
  if (pane.tabs.length === 0) {
    return (
      <EmptyState
        icon={<IconTerminal2 size={20} stroke={1.5} aria-hidden />}
        title="No terminal open"
        actions={
          <Button variant="primary" onClick={() => pane.open(folder)}>
            Open terminal
          </Button>
        }
      >
        {hint ?? 'A shell in your own folder, with git, pf and python. It goes on when you leave the page.'}
      </EmptyState>
    )
  }
  const names = tabNames(pane.tabs)
  return (
    <div ref={root} className={styles.pane}>
      <Tabs
        label={name}
        value={pane.shown}
        onChange={pane.show}
        tabs={pane.tabs.map((tab, index) => ({ id: tab.key, label: names[index] ?? '' }))}
        end={
          <Actions
            onNew={() => pane.open(folder)}
            onEnd={() => void pane.end()}
            isReadAloud={isReadAloud}
            onReadAloud={setReadAloud}
          />
        }
      />
      <TabPanel of={name} id={pane.shown} className={styles.panel ?? ''}>
        {pane.tabs.filter(pane.wasShown).map((tab) => (
          <TerminalView
            key={tab.key}
            tab={tab}
            isShown={tab.key === pane.shown}
            isReadAloud={isReadAloud}
            onOpened={(id) => pane.opened(tab.key, id)}
            onLeave={() => focusTab(root, tab.key)}
            onAgain={() => pane.again(tab)}
            onClose={() => pane.close(tab.key)}
          />
        ))}
      </TabPanel>
    </div>
  )
}

function focusTab(root: RefObject<HTMLDivElement | null>, key: string): void {
  root.current?.querySelector<HTMLElement>(`#${CSS.escape(tabId(name, key))}`)?.focus()
}

interface ActionsProps {
  onNew: () => void
  onEnd: () => void
  isReadAloud: boolean
  onReadAloud: (isOn: boolean) => void
}

function Actions({ onNew, onEnd, isReadAloud, onReadAloud }: ActionsProps) {
  return (
    <>
      <IconButton size="small" label="New terminal" icon={<IconPlus {...look} />} onClick={onNew} />
      <IconButton size="small" label="End terminal" icon={<IconTrash {...look} />} onClick={onEnd} />
      <Menu
        position="bottom-end"
        entries={[
          { heading: 'Ctrl+Shift+L leaves the terminal' },
          { label: 'Screen reader mode', checked: isReadAloud, onSelect: () => onReadAloud(!isReadAloud) },
        ]}
      >
        <IconButton size="small" label="Terminal options" icon={<IconDots {...look} />} />
      </Menu>
    </>
  )
}

type Running = Parameters<typeof withRunning>[1]

function useTabs(
  folder: string,
  within: string | null,
  opens: TerminalPaneProps['opens'],
  list: { note: string | null; terminals: Running } | undefined,
) {
  const [tabs, setTabs] = useState<TerminalTab[]>([])
  const [chosen, show] = useState<string | null>(null)
  const hasBegun = useRef(false)

  useEffect(() => {
    if (!list) return
    const isFirst = !hasBegun.current
    hasBegun.current = true
    setTabs((before) => {
      const all = withRunning(before, list.terminals, within)
      const wants = opens === 'always' || (opens === 'first' && all.length === 0)
      return isFirst && wants && list.note === null ? [...all, newTab(folder)] : all
    })
  }, [list, within, opens, folder])

  const shown = tabs.find((tab) => tab.key === chosen) ?? tabs.at(-1)
  // A terminal that is not looked at stays with the page that shows it.
  const seen = useRef(new Set<string>())
  if (shown) seen.current.add(shown.key)
  const close = (key: string) => setTabs((before) => before.filter((tab) => tab.key !== key))
  return {
    tabs,
    shown: shown?.key ?? '',
    wasShown: (tab: TerminalTab) => seen.current.has(tab.key),
    show,
    close,
    open: (where: string) => {
      const tab = newTab(where)
      setTabs((before) => [...before, tab])
      show(tab.key)
    },
    opened: (key: string, id: string) =>
      setTabs((before) => before.map((tab) => (tab.key === key ? { ...tab, id } : tab))),
    again: (tab: TerminalTab) => {
      const fresh = newTab(tab.folder)
      setTabs((before) => before.map((each) => (each.key === tab.key ? fresh : each)))
      show(fresh.key)
    },
    end: async () => {
      if (!shown) return
      close(shown.key)
      if (shown.id !== null) await endTerminal(shown.id).catch((error) => toast.fail(error))
    },
  }
}
