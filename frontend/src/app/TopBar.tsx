import { IconDots, IconSearch } from '@tabler/icons-react'
import { Link, useNavigate } from '@tanstack/react-router'
import { type ReactNode, useEffect } from 'react'
import { createPortal } from 'react-dom'
import { create } from 'zustand'
import { Button } from '../components/Button'
import { Keys } from '../components/Keys'
import { Menu } from '../components/Menu'
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

const mostCrumbs = 4

/** Where this page is, in the top bar and as the window's title. Of a long way the middle is folded into a menu. */
export function Breadcrumb({ crumbs }: { crumbs: readonly Crumb[] }) {
  const slot = useSlots((state) => state.start)
  const title = crumbs.at(-1)?.label ?? ''
  useEffect(() => {
    document.title = title ? `${title} · pfstudio` : 'pfstudio'
  }, [title])
  if (!slot) return null
  const folded = crumbs.length > mostCrumbs ? crumbs.slice(1, -2) : []
  const after = crumbs.slice(1 + folded.length)
  return createPortal(
    <nav aria-label="Breadcrumb" className="row">
      <ol className={styles.crumbs}>
        {crumbs.slice(0, 1).map((crumb) => (
          <CrumbItem key={crumb.label} crumb={crumb} isLast={after.length === 0} />
        ))}
        {folded.length > 0 && <FoldedCrumbs crumbs={folded} />}
        {after.map((crumb, index) => (
          <CrumbItem key={`${crumb.to ?? ''}${crumb.label}`} crumb={crumb} isLast={index === after.length - 1} />
        ))}
      </ol>
    </nav>,
    slot,
  )
}

function CrumbItem({ crumb, isLast }: { crumb: Crumb; isLast: boolean }) {
  return (
    <li title={crumb.label}>
      {crumb.to && !isLast ? (
        <Link to={crumb.to} activeOptions={{ exact: true }} className={`${styles.crumb} truncate`}>
          {crumb.label}
        </Link>
      ) : (
        <span className={`${styles.crumb} truncate`} aria-current={isLast ? 'page' : undefined}>
          {crumb.label}
        </span>
      )}
    </li>
  )
}

function FoldedCrumbs({ crumbs }: { crumbs: readonly Crumb[] }) {
  const navigate = useNavigate()
  return (
    <li className={styles.folded}>
      <Menu
        entries={crumbs.map(({ label, to }) => ({
          label,
          onSelect: () => {
            if (to) void navigate({ to })
          },
        }))}
      >
        <Button variant="ghost" size="small" aria-label="Folders in between" title="Folders in between">
          <IconDots size={14} stroke={1.5} aria-hidden />
        </Button>
      </Menu>
    </li>
  )
}

/** Puts a page's own state, such as whether it is saved, at the right of the top bar. */
export function TopBarEnd({ children }: { children: ReactNode }) {
  const slot = useSlots((state) => state.end)
  return slot ? createPortal(children, slot) : null
}
