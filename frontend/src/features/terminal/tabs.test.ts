import { expect, test } from 'vitest'
import { newTab, tabNames, withRunning } from './tabs'

const running = (id: string, folder: string) => ({
  id,
  folder,
  owner: 'bob',
  started_at: '2026-01-01T00:00:00Z',
  idle_seconds: 0,
  is_attached: false,
})

test('a pane shows what runs in its folder, each once, beside what it opened itself', () => {
  const own = { ...newTab('Users/bob/promptflow/a'), id: '1' }
  const all = [
    running('1', 'Users/bob/promptflow/a'),
    running('2', 'Users/bob/promptflow/a/deep'),
    running('3', 'Users/bob/promptflow/ab'),
  ]

  expect(withRunning([own], all, 'Users/bob/promptflow/a').map(({ id }) => id)).toEqual(['2', '1'])
  expect(withRunning([own], all, null).map(({ id }) => id)).toEqual(['2', '3', '1'])
})

test('tabs of one folder are numbered, and their names steer nothing', () => {
  const tabs = ['a/x', 'a/x', 'b/x', 'b/\u001b[31m\u202ey'].map(newTab)

  expect(tabNames(tabs)).toEqual(['x', 'x 2', 'x 3', '�[31m�y'])
})
