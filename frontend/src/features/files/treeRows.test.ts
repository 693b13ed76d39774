import { expect, it } from 'vitest'
import type { FileEntry } from '../../api/files'
import { treeRows } from './treeRows'

function entry(path: string, kind: FileEntry['kind'] = 'file'): FileEntry {
  const name = path.split('/').at(-1) ?? ''
  return { path, name, kind, size: 0, modified: '', etag: '', target_kind: null, writable: true, entries: null }
}

const entries: Record<string, FileEntry[]> = {
  '': [entry('b.py'), entry('a10.txt'), entry('a9.txt'), entry('z', 'folder'), entry('y', 'folder')],
  z: [entry('z/inner', 'folder')],
}

it('shows folders first, then files as people count', () => {
  const rows = treeRows('', (path) => entries[path], new Set())
  expect(rows.map((row) => row.entry.name)).toEqual(['y', 'z', 'a9.txt', 'a10.txt', 'b.py'])
})

it('shows what is in open folders under them, with place and depth', () => {
  const rows = treeRows('', (path) => entries[path], new Set(['z', 'z/inner']))
  expect(rows.slice(1, 3).map((row) => [row.entry.path, row.depth, row.position, row.siblings])).toEqual([
    ['z', 0, 2, 5],
    ['z/inner', 1, 1, 1],
  ])
})

it('follows a link that leads to a folder', () => {
  const link: FileEntry = { ...entry('link', 'link'), target_kind: 'folder' }
  expect(treeRows('', () => [link], new Set())[0]?.isFolder).toBe(true)
})
