import { Fragment, type KeyboardEvent, type RefObject, useEffect, useEffectEvent, useLayoutEffect, useRef } from 'react'
import { createPortal } from 'react-dom'
import { floatsPlace, type Placement, placeBeside } from '../lib/overlay'
import styles from './Menu.module.css'
import { MenuEntryView } from './MenuEntryView'
import type { MenuEntry } from './menuEntries'

export type Focused = 'first' | 'last'

type Anchor = HTMLElement | { x: number; y: number }

interface MenuListProps {
  id?: string
  label?: string
  labelledBy?: string
  entries: MenuEntry[]
  anchor: Anchor
  position?: Placement
  width?: number | undefined
  focus: Focused
  returnTo: Element | null
  onClose: () => void
}

/** An open menu: arrows and letters move, Escape and Tab close. */
export function MenuList(props: MenuListProps) {
  const { entries, anchor, position = 'bottom-start', focus, returnTo, onClose } = props
  const menu = useRef<HTMLDivElement>(null)
  const move = useItemFocus(menu, focus, entries)
  usePlace(menu, anchor, position)
  useClickOutside(menu, anchor, onClose)

  const close = () => {
    if (returnTo instanceof HTMLElement) returnTo.focus({ preventScroll: true })
    onClose()
  }
  const key = (event: KeyboardEvent) => {
    if (event.key === 'Tab') return close() // From the button, where the focus is now, Tab goes on.
    if (event.key === 'Escape') close()
    else if (!move(event)) return
    event.preventDefault()
    event.stopPropagation()
  }
  return createPortal(
    <div
      ref={menu}
      id={props.id}
      role="menu"
      aria-label={props.label}
      aria-labelledby={props.labelledBy}
      tabIndex={-1}
      className={styles.dropdown}
      style={{ width: props.width }}
      onKeyDown={key}
    >
      {entries.map((entry, index) => (
        <Fragment key={typeof entry === 'object' && entry && 'label' in entry ? entry.label : index}>
          <MenuEntryView
            entry={entry}
            onSelect={(act) => {
              close()
              act()
            }}
          />
        </Fragment>
      ))}
    </div>,
    floatsPlace(),
  )
}

type Menu = RefObject<HTMLDivElement | null>

/** Focuses the first or last item; the result moves the focus by a key and says whether it did. */
function useItemFocus(menu: Menu, focus: Focused, entries: MenuEntry[]): (event: KeyboardEvent) => boolean {
  const items = () => [...(menu.current?.querySelectorAll<HTMLElement>('[role^="menuitem"]:not(:disabled)') ?? [])]
  const start = useEffectEvent(() => (items().at(focus === 'first' ? 0 : -1) ?? menu.current)?.focus())
  useLayoutEffect(() => start(), [])
  // Entries that the server still owed when the menu opened: the focus waited on the menu itself.
  // biome-ignore lint/correctness/useExhaustiveDependencies: they are what it waits for.
  useEffect(() => {
    if (document.activeElement === menu.current) start()
  }, [entries.length])
  return ({ key, ctrlKey, metaKey, altKey }) => {
    const all = items()
    const at = all.indexOf(document.activeElement as HTMLElement)
    const isLetter = key.length === 1 && key !== ' ' && !ctrlKey && !metaKey && !altKey
    if (key === 'ArrowDown') all[(at + 1) % all.length]?.focus()
    else if (key === 'ArrowUp') all.at(at <= 0 ? -1 : at - 1)?.focus()
    else if (key === 'Home') all[0]?.focus()
    else if (key === 'End') all.at(-1)?.focus()
    else if (isLetter) startingWith(all, at, key)?.focus()
    else return false
    return true
  }
}

/** The next item that begins with a letter. */
function startingWith(items: HTMLElement[], at: number, letter: string): HTMLElement | undefined {
  const begins = (item: HTMLElement) => item.textContent.trim().toLowerCase().startsWith(letter.toLowerCase())
  return [...items.slice(at + 1), ...items.slice(0, at + 1)].find(begins)
}

function usePlace(menu: Menu, anchor: Anchor, position: Placement): void {
  useLayoutEffect(() => {
    const element = menu.current
    if (!element) return
    const place = () => {
      const isElement = anchor instanceof HTMLElement
      const box = isElement
        ? anchor.getBoundingClientRect()
        : { left: anchor.x, right: anchor.x, top: anchor.y, bottom: anchor.y }
      const size = element.getBoundingClientRect()
      const screen = { width: innerWidth, height: innerHeight }
      const { left, top } = placeBeside(box, size, screen, position, isElement ? 4 : 0)
      element.style.left = `${left}px`
      element.style.top = `${top}px`
    }
    place()
    const grown = new ResizeObserver(place)
    grown.observe(element)
    addEventListener('resize', place)
    addEventListener('scroll', place, { capture: true, passive: true })
    return () => {
      grown.disconnect()
      removeEventListener('resize', place)
      removeEventListener('scroll', place, { capture: true })
    }
  }, [menu, anchor, position])
}

function useClickOutside(menu: Menu, anchor: Anchor, onClose: () => void): void {
  const press = useEffectEvent(({ target }: PointerEvent) => {
    if (!(target instanceof Node) || menu.current?.contains(target)) return
    if (anchor instanceof HTMLElement && anchor.contains(target)) return // The button itself closes its menu.
    onClose()
  })
  useEffect(() => {
    const listener = (event: PointerEvent) => press(event)
    document.addEventListener('pointerdown', listener, { capture: true })
    return () => document.removeEventListener('pointerdown', listener, { capture: true })
  }, [])
}
