import type { DragEvent, ReactNode } from 'react'

/** One visible row; the caller flattens what is expanded. */
export interface TreeRow {
  id: string
  label: string
  /** 0 at the top. */
  depth: number
  expandable: boolean
  expanded: boolean
  /** 1-based place among its siblings, and how many there are. */
  position: number
  siblings: number
  icon?: ReactNode
  /** What stands at the right end: a lock, a badge. */
  end?: ReactNode
  /** `end` has words, so that the row is named by all it shows; else by its label alone. */
  namedByContent?: boolean
  dim?: boolean
  /** The row is an editable name: of itself, or of a new entry that does not exist yet. */
  editing?: boolean
}

export interface TreeActs {
  onToggle: (id: string, expanded: boolean) => void
  /** Click or Enter. */
  onOpen: (id: string) => void
  onMenu?: (id: string, at: { x: number; y: number }) => void
  onRename?: (id: string) => void
  onDelete?: (id: string) => void
  /** What a finished name edit does; `null` when it was given up. */
  onNameDone?: (id: string, name: string | null) => void
  nameProblem?: (id: string, name: string) => string | null
  /** A row or files from outside were dropped on a row. */
  onDrop?: (target: string, event: DragEvent) => void
  draggable?: (id: string) => boolean
}

/** What a dragged row carries: its id. */
export const treeDragType = 'application/x-pfstudio-path'
