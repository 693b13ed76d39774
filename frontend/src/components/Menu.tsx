import { cloneElement, type KeyboardEvent, type MouseEvent, type ReactElement, useId, useState } from 'react'
import { type Focused, MenuList } from './MenuList'
import type { MenuEntry } from './menuEntries'

export type { MenuAction, MenuChoice, MenuEntry } from './menuEntries'

interface ButtonProps {
  id?: string
  onClick?: (event: MouseEvent<HTMLElement>) => void
  onKeyDown?: (event: KeyboardEvent<HTMLElement>) => void
  'aria-haspopup'?: 'menu'
  'aria-expanded'?: boolean
  'aria-controls'?: string | undefined
}

interface MenuProps {
  /** The button that opens the menu. */
  children: ReactElement<ButtonProps>
  entries: MenuEntry[]
  position?: 'bottom-start' | 'bottom-end' | 'right-end' | 'top-start'
  width?: number
}

export function Menu({ children, entries, position = 'bottom-start', width }: MenuProps) {
  const [open, setOpen] = useState<{ button: HTMLElement; focus: Focused } | null>(null)
  const ownId = useId()
  const listId = useId()
  const id = children.props.id ?? ownId
  const button: ButtonProps = {
    id,
    'aria-haspopup': 'menu',
    'aria-expanded': open !== null,
    'aria-controls': open ? listId : undefined,
    onClick: (event) => {
      children.props.onClick?.(event)
      setOpen(open ? null : { button: event.currentTarget, focus: 'first' })
    },
    onKeyDown: (event) => {
      children.props.onKeyDown?.(event)
      if (open || (event.key !== 'ArrowDown' && event.key !== 'ArrowUp')) return
      event.preventDefault()
      event.stopPropagation()
      setOpen({ button: event.currentTarget, focus: event.key === 'ArrowDown' ? 'first' : 'last' })
    },
  }
  return (
    <>
      {cloneElement(children, button)}
      {open && (
        <MenuList
          id={listId}
          labelledBy={id}
          entries={entries}
          anchor={open.button}
          position={position}
          width={width}
          focus={open.focus}
          returnTo={open.button}
          onClose={() => setOpen(null)}
        />
      )}
    </>
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
  return state && <PointMenu key={`${state.x} ${state.y}`} state={state} onClose={onClose} />
}

function PointMenu({ state, onClose }: { state: ContextMenuState; onClose: () => void }) {
  const [returnTo] = useState(() => document.activeElement)
  return (
    <MenuList
      label="Actions"
      entries={state.entries}
      anchor={state}
      focus="first"
      returnTo={returnTo}
      onClose={onClose}
    />
  )
}
