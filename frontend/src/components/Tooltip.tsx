import {
  cloneElement,
  type FocusEvent,
  type PointerEvent,
  type ReactElement,
  type ReactNode,
  useEffect,
  useId,
  useLayoutEffect,
  useRef,
  useState,
} from 'react'
import { createPortal } from 'react-dom'
import { floatsPlace, placeBeside } from '../lib/overlay'
import { Keys } from './Keys'
import styles from './Tooltip.module.css'

interface TargetProps {
  'aria-describedby'?: string
  onPointerEnter?: (event: PointerEvent<HTMLElement>) => void
  onPointerLeave?: (event: PointerEvent<HTMLElement>) => void
  onPointerDown?: (event: PointerEvent<HTMLElement>) => void
  onFocus?: (event: FocusEvent<HTMLElement>) => void
  onBlur?: (event: FocusEvent<HTMLElement>) => void
}

interface TooltipProps {
  label: ReactNode
  keys?: string | undefined
  /** Also announce the text, for what the control's own name does not say. */
  describe?: boolean
  /** An element that hands the listeners it is given to its HTML element. */
  children: ReactElement<TargetProps>
}

/** A short text on hover and focus. */
export function Tooltip({ label, keys, describe, children }: TooltipProps) {
  const id = useId()
  const { anchor, listeners } = useTooltip(children.props)
  const shown = (
    <>
      {cloneElement(children, listeners)}
      {anchor && (
        <Bubble anchor={anchor}>
          <span>{label}</span>
          {keys && <Keys keys={keys} />}
        </Bubble>
      )}
    </>
  )
  if (!describe) return shown
  return (
    <span aria-describedby={id} style={{ display: 'inline-flex' }}>
      {shown}
      <span id={id} className="visually-hidden">
        {label}
      </span>
    </span>
  )
}

const delay = 350

/** Beside which element the tooltip stands now, and the listeners that decide it. */
function useTooltip(own: TargetProps): { anchor: HTMLElement | null; listeners: TargetProps } {
  const [anchor, setAnchor] = useState<HTMLElement | null>(null)
  const timer = useRef<ReturnType<typeof setTimeout>>(undefined)
  const hide = () => {
    clearTimeout(timer.current)
    setAnchor(null)
  }
  useEffect(() => () => clearTimeout(timer.current), [])
  useEffect(() => {
    if (!anchor) return
    const close = (event: KeyboardEvent) => event.key === 'Escape' && setAnchor(null)
    document.addEventListener('keydown', close)
    return () => document.removeEventListener('keydown', close)
  }, [anchor])
  const listeners: TargetProps = {
    onPointerEnter: (event) => {
      own.onPointerEnter?.(event)
      const target = event.currentTarget
      if (event.pointerType === 'touch') return
      clearTimeout(timer.current)
      timer.current = setTimeout(() => setAnchor(target), delay)
    },
    onPointerLeave: (event) => {
      own.onPointerLeave?.(event)
      hide()
    },
    onPointerDown: (event) => {
      own.onPointerDown?.(event)
      hide()
    },
    onFocus: (event) => {
      own.onFocus?.(event)
      if (event.currentTarget.matches(':focus-visible')) setAnchor(event.currentTarget)
    },
    onBlur: (event) => {
      own.onBlur?.(event)
      hide()
    },
  }
  return { anchor, listeners }
}

function Bubble({ anchor, children }: { anchor: HTMLElement; children: ReactNode }) {
  const bubble = useRef<HTMLDivElement>(null)
  useLayoutEffect(() => {
    const element = bubble.current
    if (!element) return
    const screen = { width: innerWidth, height: innerHeight }
    const place = placeBeside(anchor.getBoundingClientRect(), element.getBoundingClientRect(), screen, 'top', 5)
    element.style.left = `${place.left}px`
    element.style.top = `${place.top}px`
  }, [anchor])
  return createPortal(
    <div ref={bubble} role="tooltip" className={styles.tooltip}>
      {children}
    </div>,
    floatsPlace(),
  )
}
