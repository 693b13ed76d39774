import type { ReactNode } from 'react'

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
