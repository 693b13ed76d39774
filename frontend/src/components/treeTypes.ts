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
  /** What is shown instead of the label, such as a line with what was found in it; the label stays its name. */
  content?: ReactNode
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
  /** Rows or files from outside were dropped on a row; `null` is the place below all rows. */
  onDrop?: (target: string | null, event: DragEvent) => void
  draggable?: (id: string) => boolean
  /** With this, several rows can be chosen: by Ctrl and Shift with a click or the arrows, and all by Ctrl+A. */
  onChoose?: (ids: string[]) => void
  /** Further keys with Ctrl, by their letter: what Ctrl+C does to the active row. */
  onCtrl?: Record<string, (id: string) => void>
}

const dragType = 'application/x-pfstudio-paths'

/** Gives a drag the rows that it carries. */
export function setDragged(transfer: DataTransfer, ids: readonly string[]): void {
  transfer.setData(dragType, JSON.stringify(ids))
  transfer.effectAllowed = 'copyMove'
}

/** The rows that were dropped; none where files came from outside. */
export function draggedIds(transfer: DataTransfer): string[] {
  try {
    const ids: unknown = JSON.parse(transfer.getData(dragType) || '[]')
    return Array.isArray(ids) ? ids.filter((id) => typeof id === 'string') : []
  } catch {
    return []
  }
}

/** Whether a drag that is under way can be dropped where files go. */
export function carriesFiles(transfer: DataTransfer): boolean {
  return transfer.types.includes(dragType) || transfer.types.includes('Files')
}
