import { expect, it } from 'vitest'
import { matchesKeys } from './commands'

const press = (key: string, part: Partial<KeyboardEvent> = {}) =>
  ({ key, ctrlKey: false, metaKey: false, altKey: false, shiftKey: false, ...part }) as KeyboardEvent

it('knows a combination, with Ctrl or the command key', () => {
  expect(matchesKeys('Ctrl+K', press('k', { ctrlKey: true }))).toBe(true)
  expect(matchesKeys('Ctrl+K', press('k', { metaKey: true }))).toBe(true)
  expect(matchesKeys('Ctrl+K', press('k'))).toBe(false)
  expect(matchesKeys('Ctrl+K', press('k', { ctrlKey: true, shiftKey: true }))).toBe(false)
})

it('takes a sign as typed, however the keyboard makes it', () => {
  expect(matchesKeys('?', press('?', { shiftKey: true }))).toBe(true)
  expect(matchesKeys('N', press('n'))).toBe(true)
  expect(matchesKeys('N', press('n', { ctrlKey: true }))).toBe(false)
})
