import { type KeyboardEvent, type PointerEvent, type ReactNode, useEffect, useRef, useState } from 'react'
import { classes } from '../lib/classes'
import { useRemembered } from '../lib/useRemembered'
import styles from './Splitter.module.css'

export interface SplitterProps {
  /** `horizontal` sets the panes side by side. */
  direction: 'horizontal' | 'vertical'
  /** What the divider is called, such as "Width of the files panel". */
  label: string
  /** Under which the size is remembered in this browser. */
  storageKey: string
  /** Which pane has the size in pixels; the other takes the rest. */
  sized: 'first' | 'second'
  initial: number
  min?: number
  /** The least the other pane keeps. */
  minRest?: number
  /** Folds the sized pane away. With `onFoldedChange` the divider stays, and Enter on it folds and unfolds. */
  folded?: boolean
  onFoldedChange?: (folded: boolean) => void
  children: [ReactNode, ReactNode]
}

const step = 16

/** Two panes with a divider that drags, moves with the arrow keys and resets on double click. */
export function Splitter(props: SplitterProps) {
  const { direction, label, storageKey, sized, initial, min = 120, minRest = 200, folded, onFoldedChange } = props
  const [size, setSize] = useRemembered(`split:${storageKey}`, initial)
  const [room, setRoom] = useState(Number.POSITIVE_INFINITY)
  const [dragging, setDragging] = useState(false)
  const root = useRef<HTMLDivElement>(null)
  const horizontal = direction === 'horizontal'

  useEffect(() => {
    const element = root.current
    if (!element) return
    const measure = () => setRoom(horizontal ? element.clientWidth : element.clientHeight)
    const observer = new ResizeObserver(measure)
    observer.observe(element)
    measure()
    return () => observer.disconnect()
  }, [horizontal])

  const max = Math.max(min, room - minRest)
  const shown = Math.min(Math.max(size, min), max)
  const resize = (next: number) => setSize(Math.round(Math.min(Math.max(next, min), max)))

  function drag(event: PointerEvent<HTMLDivElement>) {
    if (!dragging || !root.current) return
    const box = root.current.getBoundingClientRect()
    const fromStart = horizontal ? event.clientX - box.left : event.clientY - box.top
    resize(sized === 'first' ? fromStart : room - fromStart)
  }

  function key(event: KeyboardEvent<HTMLDivElement>) {
    const grow = horizontal ? 'ArrowRight' : 'ArrowDown'
    const shrink = horizontal ? 'ArrowLeft' : 'ArrowUp'
    const sign = sized === 'first' ? 1 : -1
    const by = event.shiftKey ? step * 4 : step
    if (event.key === grow) resize(shown + sign * by)
    else if (event.key === shrink) resize(shown - sign * by)
    else if (event.key === 'Home') resize(sized === 'first' ? min : max)
    else if (event.key === 'End') resize(sized === 'first' ? max : min)
    else if (event.key === 'Enter' && onFoldedChange) onFoldedChange(!folded)
    else return
    event.preventDefault()
  }

  const sizedStyle = horizontal ? { width: shown } : { height: shown }
  const pane = (which: 'first' | 'second', content: ReactNode) =>
    which === sized ? (
      folded ? null : (
        <div className={styles.sized} style={sizedStyle}>
          {content}
        </div>
      )
    ) : (
      <div className={styles.rest}>{content}</div>
    )

  return (
    <div ref={root} className={classes(styles.splitter, horizontal ? styles.horizontal : styles.vertical)}>
      {pane('first', props.children[0])}
      {(!folded || onFoldedChange) && (
        // biome-ignore lint/a11y/useSemanticElements: an <hr> can be neither focused nor dragged.
        <div
          role="separator"
          tabIndex={0}
          aria-label={label}
          aria-orientation={horizontal ? 'vertical' : 'horizontal'}
          aria-valuenow={folded ? 0 : shown}
          aria-valuemin={onFoldedChange ? 0 : min}
          aria-valuemax={Number.isFinite(max) ? max : shown}
          className={styles.handle}
          data-dragging={dragging || undefined}
          onPointerDown={(event) => {
            event.currentTarget.setPointerCapture(event.pointerId)
            setDragging(true)
          }}
          onPointerMove={drag}
          onPointerUp={() => setDragging(false)}
          onPointerCancel={() => setDragging(false)}
          onDoubleClick={() => resize(initial)}
          onKeyDown={key}
        />
      )}
      {pane('second', props.children[1])}
    </div>
  )
}
