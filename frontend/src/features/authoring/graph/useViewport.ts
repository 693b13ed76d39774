import { type PointerEvent, type RefObject, useEffect, useEffectEvent, useRef, useState } from 'react'

export interface Viewport {
  x: number
  y: number
  zoom: number
}

interface Point {
  x: number
  y: number
}

const least = 0.2
const most = 2
const linePixels = 20
const isMac = /Mac|iPhone|iPad/.test(navigator.platform)

/** What of a drawing is shown: dragged, scrolled with the wheel, zoomed with Ctrl and the wheel or two fingers. */
export function useViewport(box: RefObject<HTMLElement | null>) {
  const [viewport, setViewport] = useState<Viewport>({ x: 0, y: 0, zoom: 1 })
  const pointers = useRef(new Map<number, Point>())

  const move = (x: number, y: number) => setViewport((now) => ({ ...now, x: now.x + x, y: now.y + y }))
  const zoomAt = (point: Point, factor: number) => setViewport((now) => zoomed(now, point, factor))
  const zoomBy = (factor: number) => {
    const { clientWidth = 0, clientHeight = 0 } = box.current ?? {}
    zoomAt({ x: clientWidth / 2, y: clientHeight / 2 }, factor)
  }

  const wheel = useEffectEvent((event: WheelEvent) => {
    event.preventDefault()
    const unit = event.deltaMode === WheelEvent.DOM_DELTA_LINE ? linePixels : 1
    if (event.ctrlKey || event.metaKey) {
      const pinch = event.ctrlKey && isMac ? 10 : 1
      zoomAt(pointIn(box.current, event), 2 ** (-event.deltaY * unit * 0.002 * pinch))
      return
    }
    const sideways = event.shiftKey && !isMac
    move((-(sideways ? event.deltaY : event.deltaX) * unit) / 2, sideways ? 0 : (-event.deltaY * unit) / 2)
  })
  useEffect(() => {
    const element = box.current
    if (!element) return
    const listener = (event: WheelEvent) => wheel(event)
    element.addEventListener('wheel', listener, { passive: false }) // React's own listener could not stop the page.
    return () => element.removeEventListener('wheel', listener)
  }, [box])

  const release = (event: PointerEvent) => void pointers.current.delete(event.pointerId)
  const handlers = {
    onPointerDown: (event: PointerEvent<HTMLElement>) => {
      if (event.button !== 0 || (event.target as Element).closest('button')) return
      event.currentTarget.setPointerCapture(event.pointerId)
      pointers.current.set(event.pointerId, pointIn(box.current, event))
    },
    onPointerMove: (event: PointerEvent<HTMLElement>) => {
      const before = pointers.current.get(event.pointerId)
      if (!before) return
      const point = pointIn(box.current, event)
      pointers.current.set(event.pointerId, point)
      const other = [...pointers.current].find(([id]) => id !== event.pointerId)?.[1]
      if (other) {
        const distance = Math.max(1, Math.hypot(before.x - other.x, before.y - other.y))
        zoomAt(other, Math.hypot(point.x - other.x, point.y - other.y) / distance)
      } else {
        move(point.x - before.x, point.y - before.y)
      }
    },
    onPointerUp: release,
    onPointerCancel: release,
    onLostPointerCapture: release,
  }
  return { viewport, setViewport, move, zoomBy, handlers }
}

function zoomed(now: Viewport, point: Point, factor: number): Viewport {
  const zoom = Math.max(least, Math.min(most, now.zoom * factor))
  const ratio = zoom / now.zoom
  return { zoom, x: point.x - (point.x - now.x) * ratio, y: point.y - (point.y - now.y) * ratio }
}

function pointIn(element: HTMLElement | null, event: { clientX: number; clientY: number }): Point {
  const { left = 0, top = 0 } = element?.getBoundingClientRect() ?? {}
  return { x: event.clientX - left, y: event.clientY - top }
}
