import { expect, it } from 'vitest'
import type { HistoryEntry } from '../../api/history'
import { sidesOf } from './comparison'
import { pathsOf } from './entryWords'

const entries = ['third', 'second', 'first'].map((id) => ({ id }) as HistoryEntry)

it('shows what a version changed, or what has changed since', () => {
  expect(sidesOf('second', 'before', entries)).toEqual({ from: null, to: 'second' })
  expect(sidesOf('second', 'now', entries)).toEqual({ from: 'second', to: null })
})

it('puts the earlier of two versions first, whichever was chosen', () => {
  expect(sidesOf('third', 'first', entries)).toEqual({ from: 'first', to: 'third' })
  expect(sidesOf('first', 'third', entries)).toEqual({ from: 'first', to: 'third' })
})

it('names the files an entry changed as they are called below the place', () => {
  const entry = { paths: ['Users/ada/promptflow/a/x.py', 'Users/ada/promptflow/a/y.py'], path_count: 2 } as HistoryEntry
  expect(pathsOf(entry, 'Users/ada/promptflow/a')).toBe('x.py and 1 more')
  expect(pathsOf(entry, 'Users/ada/promptflow/a/y.py')).toBe('with 1 more')
  expect(pathsOf({ ...entry, path_count: 1 }, 'Users/ada/promptflow/a/x.py')).toBe('')
})
