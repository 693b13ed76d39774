import { expect, test } from 'vitest'
import { type Draft, draftsToDrop, keptDays, mostDraftCharacters } from './draftStore'

const now = 1_000 * 86_400_000
const draft = (path: string, days: number, length: number): Draft => ({
  user: 'ada',
  path,
  id: '1',
  base: '',
  etag: '',
  text: 'x'.repeat(length),
  at: now - days * 86_400_000,
  offline: true,
})

test('drafts that are recent and fit stay', () => {
  expect(draftsToDrop([draft('a', 0, 10), draft('b', keptDays - 1, 10)], now)).toEqual([])
})

test('what nobody wanted for long goes', () => {
  expect(draftsToDrop([draft('a', 0, 10), draft('b', keptDays + 1, 10)], now).map(({ path }) => path)).toEqual(['b'])
})

test('the oldest make room for a new one, never the one that is being replaced', () => {
  const half = mostDraftCharacters / 2
  const drafts = [draft('new', 0, half), draft('older', 2, half), draft('oldest', 3, 10)]
  expect(draftsToDrop(drafts, now).map(({ path }) => path)).toEqual(['oldest'])
  expect(draftsToDrop(drafts, now, half).map(({ path }) => path)).toEqual(['older', 'oldest'])
  expect(draftsToDrop(drafts, now, half, { user: 'ada', path: 'older', id: '1' }).map(({ path }) => path)).toEqual([
    'oldest',
  ])
})
