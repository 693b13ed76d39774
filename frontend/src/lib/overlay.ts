/** What stands over the page: where it is put, and where in it the focus may go. */

export interface Box {
  left: number
  top: number
  right: number
  bottom: number
}

export type Placement = 'bottom-start' | 'bottom-end' | 'right-end' | 'top-start' | 'top'

interface Size {
  width: number
  height: number
}

const edge = 4

/** Where something of this size goes beside its anchor; on the other side where there is more room. */
export function placeBeside(anchor: Box, size: Size, screen: Size, placement: Placement, offset: number) {
  const within = (at: number, length: number, room: number) => Math.max(edge, Math.min(at, room - length - edge))
  if (placement === 'right-end') {
    const fits = anchor.right + offset + size.width + edge <= screen.width
    const left = fits ? anchor.right + offset : anchor.left - offset - size.width
    return {
      left: within(left, size.width, screen.width),
      top: within(anchor.bottom - size.height, size.height, screen.height),
    }
  }
  const [above, below] = [anchor.top - offset - edge, screen.height - anchor.bottom - offset - edge]
  const wantsAbove = placement.startsWith('top')
  const isAbove = wantsAbove ? above >= size.height || above >= below : below < size.height && above > below
  const lefts = {
    start: anchor.left,
    end: anchor.right - size.width,
    middle: (anchor.left + anchor.right - size.width) / 2,
  }
  const align = placement.endsWith('start') ? 'start' : placement.endsWith('end') ? 'end' : 'middle'
  return {
    left: within(lefts[align], size.width, screen.width),
    top: within(isAbove ? anchor.top - offset - size.height : anchor.bottom + offset, size.height, screen.height),
  }
}

/** Floating parts stand inside the top bar's landmark, so that screen readers find them in a named place. */
export const floatsPlace = (): Element => document.getElementById('floats') ?? document.body

const tabbable =
  'a[href], button:not(:disabled), input:not(:disabled), select:not(:disabled), textarea:not(:disabled), [tabindex], [contenteditable="true"]'

/** What Tab reaches inside an element, in order; of radio buttons the one that has the choice. */
export function tabStops(within: HTMLElement): HTMLElement[] {
  return [...within.querySelectorAll<HTMLElement>(tabbable)].filter(
    (element) => element.tabIndex >= 0 && element.checkVisibility() && !isOtherRadio(element),
  )
}

function isOtherRadio(element: HTMLElement): boolean {
  if (!(element instanceof HTMLInputElement) || element.type !== 'radio' || element.checked) return false
  const group = element.form ?? document
  return group.querySelector(`input[type="radio"][name="${CSS.escape(element.name)}"]:checked`) !== null
}
