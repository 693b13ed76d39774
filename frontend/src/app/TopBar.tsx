import { IconSearch } from '@tabler/icons-react'
import { Link } from '@tanstack/react-router'
import { type ReactNode, useEffect } from 'react'
import { createPortal } from 'react-dom'
import { create } from 'zustand'
import { Keys } from '../components/Keys'
import { openPalette } from './paletteState'
import styles from './TopBar.module.css'

const useSlots = create<{ start: HTMLElement | null; end: HTMLElement | null }>(() => ({ start: null, end: null }))

const setStart = (start: HTMLElement | null) => useSlots.setState({ start })
const setEnd = (end: HTMLElement | null) => useSlots.setState({ end })

/** The bar over every page. Pages fill its two ends with `Breadcrumb` and `TopBarEnd`. */
export function TopBar() {
  return (
    <header className={styles.bar}>
      <div ref={setStart} className="row" />
      <button type="button" className={styles.search} onClick={openPalette} aria-keyshortcuts="Control+K">
        <IconSearch size={16} stroke={1.5} aria-hidden />
        <span className="grow truncate">Search or go to</span>
        <Keys keys="Ctrl+K" />
      </button>
      <div ref={setEnd} className={styles.end} />
      <div id="floats" />
    </header>
  )
}

export interface Crumb {
  label: string
  /** Address inside the studio; the last crumb is where one is and needs none. */
  to?: string
}

/** Where this page is, in the top bar and as the window's title. */
export function Breadcrumb({ crumbs }: { crumbs: readonly Crumb[] }) {
  const slot = useSlots((state) => state.start)
  const title = crumbs.at(-1)?.label ?? ''
  useEffect(() => {
    document.title = title ? `${title} · pfstudio` : 'pfstudio'
  }, [title])
  if (!slot) return null
  return createPortal(
    <nav aria-label="Breadcrumb" className="row">
      <ol className={styles.crumbs}>
        {crumbs.map((crumb, index) => {
          const isLast = index === crumbs.length - 1
          return (
            <li key={`${crumb.to ?? ''}${crumb.label}`} title={crumb.label}>
              {crumb.to && !isLast ? (
                <Link to={crumb.to} className={`${styles.crumb} truncate`}>
                  {crumb.label}
                </Link>
              ) : (
                <span className={`${styles.crumb} truncate`} aria-current={isLast ? 'page' : undefined}>
                  {crumb.label}
                </span>
              )}
            </li>
          )
        })}
      </ol>
    </nav>,
    slot,
  )
}

/** Puts a page's own state, such as whether it is saved, at the right of the top bar. */
export function TopBarEnd({ children }: { children: ReactNode }) {
  const slot = useSlots((state) => state.end)
  return slot ? createPortal(children, slot) : null
}
