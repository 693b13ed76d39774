import { type KeyboardEvent, type ReactNode, useEffect, useEffectEvent, useLayoutEffect, useRef, useState } from 'react'
import { createPortal } from 'react-dom'
import { classes } from '../lib/classes'
import { tabStops } from '../lib/overlay'
import styles from './Modal.module.css'

interface ModalProps {
  label?: string
  labelledBy?: string
  onClose: () => void
  children: ReactNode
  width: number
  /** Near the top of the window instead of in its middle. */
  high?: boolean
  /** Leaves a click outside without effect, where typed work would be lost. */
  keepOpenOutside?: boolean | undefined
}

/** Stands over everything else and keeps the focus. Escape closes it, focus returns to where it was. */
export function Modal({ label, labelledBy, onClose, children, width, high, keepOpenOutside }: ModalProps) {
  const content = useRef<HTMLDivElement>(null)
  useFocusInside(content)
  useEscape(content, onClose)
  const keepInside = (event: KeyboardEvent) => {
    if (event.key !== 'Tab' || !content.current) return
    const stops = tabStops(content.current)
    const [from, to] = event.shiftKey ? [stops[0], stops.at(-1)] : [stops.at(-1), stops[0]]
    const active = document.activeElement
    if (active !== from && active !== content.current && stops.length > 0) return
    event.preventDefault()
    to?.focus()
  }
  return createPortal(
    <>
      <div className={styles.overlay} />
      {/* biome-ignore lint/a11y/noStaticElementInteractions: Escape does the same. */}
      <div
        className={classes(styles.room, high && styles.high)}
        onMouseDown={(event) => {
          if (event.target !== event.currentTarget) return
          event.preventDefault() // The focus stays inside.
          if (!keepOpenOutside) onClose()
        }}
      >
        <div
          ref={content}
          role="dialog"
          aria-modal="true"
          aria-label={label}
          aria-labelledby={labelledBy}
          data-modal=""
          tabIndex={-1}
          className={styles.content}
          style={{ width }}
          onKeyDown={keepInside}
        >
          {children}
        </div>
      </div>
    </>,
    document.body,
  )
}

type Content = { current: HTMLDivElement | null }

/** The focus goes to what asks for it, else to the first control; afterwards back. */
function useFocusInside(content: Content): void {
  const [before] = useState(() => document.activeElement) // Before a control inside takes the focus by itself.
  useLayoutEffect(() => {
    const element = content.current
    if (!element) return
    const active = document.activeElement
    const asks = element.querySelector<HTMLElement>('[data-autofocus]')
    if (asks || !element.contains(active)) (asks ?? tabStops(element)[0] ?? element).focus({ preventScroll: true })
    return () => {
      if (before instanceof HTMLElement) before.focus({ preventScroll: true })
    }
  }, [content, before])
}

function useEscape(content: Content, onClose: () => void): void {
  const close = useEffectEvent((event: globalThis.KeyboardEvent) => {
    if (event.key !== 'Escape' || event.isComposing || event.defaultPrevented) return
    const isOnTop = [...document.querySelectorAll('[data-modal]')].at(-1) === content.current
    if (isOnTop) onClose()
  })
  useEffect(() => {
    const listener = (event: globalThis.KeyboardEvent) => close(event)
    document.addEventListener('keydown', listener)
    return () => document.removeEventListener('keydown', listener)
  }, [])
}
