import { useEffect, useRef, useState } from 'react'
import { Button } from '../../components/Button'
import { Note } from '../../components/Note'
import { useTheme } from '../../lib/theme'
import { type ConnectionState, TerminalConnection } from './connection'
import { endWords } from './endWords'
import { TerminalScreen } from './screen'
import type { TerminalTab } from './tabs'
import styles from './terminal.module.css'
import { forgetTerminals } from './terminals'

interface TerminalViewProps {
  tab: TerminalTab
  isShown: boolean
  /** What is printed is read aloud by a screen reader. */
  isReadAloud: boolean
  onOpened: (id: string) => void
  onLeave: () => void
  /** A new terminal in the same folder, in this one's place. */
  onAgain: () => void
  onClose: () => void
}

/** One terminal, connected while it is on the page. */
export function TerminalView({ tab, isShown, isReadAloud, onOpened, onLeave, onAgain, onClose }: TerminalViewProps) {
  const place = useRef<HTMLDivElement>(null)
  const parts = useRef<{ screen: TerminalScreen; connection: TerminalConnection } | null>(null)
  const [state, setState] = useState<ConnectionState>({ kind: 'connecting' })
  const theme = useTheme(({ theme }) => theme)
  const acts = useRef({ onOpened, onLeave })
  acts.current = { onOpened, onLeave }

  // biome-ignore lint/correctness/useExhaustiveDependencies: a tab stays one terminal from its first moment on.
  useEffect(() => {
    const element = place.current
    if (!element) return
    let isGone = false
    // Measured before its font is there, every column would be too narrow.
    void document.fonts.load('13px "JetBrains Mono"').finally(() => {
      if (!isGone) parts.current = start(element, tab, acts, setState)
    })
    return () => {
      isGone = true
      parts.current?.connection.close()
      parts.current?.screen.dispose()
      parts.current = null
    }
  }, [])

  useEffect(() => parts.current?.screen.setTheme(theme), [theme])
  useEffect(() => {
    if (state.kind === 'open') parts.current?.screen.setScreenReader(isReadAloud)
  }, [isReadAloud, state.kind])
  useEffect(() => {
    if (isShown && state.kind === 'open') parts.current?.screen.focus()
  }, [isShown, state.kind])

  return (
    <div className={styles.view} hidden={!isShown}>
      <Notice
        state={state}
        onShowHere={() => parts.current?.connection.connect()}
        onAgain={onAgain}
        onClose={onClose}
      />
      {/* biome-ignore lint/a11y/noStaticElementInteractions: keys that the shell gets are not the page's. */}
      <div ref={place} className={styles.screen} onKeyDown={(event) => event.nativeEvent.stopPropagation()} />
    </div>
  )
}

interface NoticeProps {
  state: ConnectionState
  onShowHere: () => void
  onAgain: () => void
  onClose: () => void
}

function Notice({ state, onShowHere, onAgain, onClose }: NoticeProps) {
  if (state.kind === 'lost') {
    return (
      <Note tone="warning" bar role="status">
        The connection to this terminal is lost. It goes on, and is connected again as soon as that is possible.
      </Note>
    )
  }
  if (state.kind !== 'over') return null
  const isWanted = state.reason === 'exited' || state.reason === 'closed'
  return (
    <Note
      tone={isWanted ? 'info' : 'warning'}
      bar
      role="status"
      actions={
        <>
          {state.reason === 'taken' ? (
            <Button size="small" onClick={onShowHere}>
              Show it here
            </Button>
          ) : (
            <Button size="small" onClick={onAgain}>
              Open another
            </Button>
          )}
          <Button size="small" variant="ghost" onClick={onClose}>
            Close tab
          </Button>
        </>
      }
    >
      {endWords(state.reason, state.detail)}
    </Note>
  )
}

function start(
  element: HTMLElement,
  tab: TerminalTab,
  acts: { current: { onOpened: (id: string) => void; onLeave: () => void } },
  onState: (state: ConnectionState) => void,
) {
  let connection: TerminalConnection | null = null
  const screen = new TerminalScreen(
    element,
    `Terminal in ${tab.folder}. Ctrl+Shift+L leaves it.`,
    useTheme.getState().theme,
    {
      onText: (text) => connection?.type(text),
      onBytes: (binary) => connection?.typeBytes(binary),
      onResize: (size) => connection?.resize(size),
      onLeave: () => acts.current.onLeave(),
    },
  )
  connection = new TerminalConnection(tab.id, tab.folder, screen, onState, (id) => {
    acts.current.onOpened(id)
    void forgetTerminals()
  })
  return { screen, connection }
}
