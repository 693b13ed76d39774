import { expect, test } from 'vitest'
import { placeBeside } from './overlay'

const screen = { width: 1000, height: 600 }
const size = { width: 200, height: 100 }
const box = (left: number, top: number) => ({ left, top, right: left + 40, bottom: top + 20 })

test('a menu hangs under its button, at the named end', () => {
  expect(placeBeside(box(300, 100), size, screen, 'bottom-start', 4)).toEqual({ left: 300, top: 124 })
  expect(placeBeside(box(300, 100), size, screen, 'bottom-end', 4)).toEqual({ left: 140, top: 124 })
})

test('where there is no room below it stands above, and a tooltip the other way around', () => {
  expect(placeBeside(box(300, 560), size, screen, 'bottom-start', 4).top).toBe(456)
  expect(placeBeside(box(300, 10), size, screen, 'top', 5)).toEqual({ left: 220, top: 35 })
})

test('nothing leaves the screen', () => {
  expect(placeBeside(box(970, 100), size, screen, 'bottom-start', 4).left).toBe(796)
  expect(placeBeside(box(4, 560), size, screen, 'right-end', 4)).toEqual({ left: 48, top: 480 })
})
