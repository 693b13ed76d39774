import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import {
  ancestorPaths,
  baseName,
  encodePath,
  freeName,
  isInside,
  joinPath,
  nameProblem,
  numberedPath,
  ownerOf,
  parentPath,
} from './paths'

const name = fc.string({ minLength: 1 }).filter((text) => !text.includes('/'))

describe('share paths', () => {
  it('join and split again into the same two parts', () => {
    fc.assert(
      fc.property(fc.array(name, { minLength: 1 }), name, (folders, last) => {
        const path = joinPath(folders.join('/'), last)
        expect([parentPath(path), baseName(path)]).toEqual([folders.join('/'), last])
      }),
    )
  })

  it('are percent-encoded once, name by name', () => {
    fc.assert(
      fc.property(fc.array(name, { minLength: 1 }), (names) => {
        expect(encodePath(names.join('/')).split('/').map(decodeURIComponent)).toEqual(names)
      }),
    )
  })

  it('know what is inside of what', () => {
    expect(isInside('Users/ada/x', 'Users/ada')).toBe(true)
    expect(isInside('Users/adam', 'Users/ada')).toBe(false)
    expect(isInside('Users/ada', '')).toBe(true)
  })

  it('name their ancestors and their owner', () => {
    expect(ancestorPaths('Users/ada/promptflow')).toEqual(['Users', 'Users/ada'])
    expect(ownerOf('Users/ada/promptflow/x')).toBe('ada')
    expect(ownerOf('Users')).toBeNull()
  })
})

describe('names', () => {
  it.each(['flow', 'Tëst flow 🙂', 'a.b-c_d', '名前'])('accepts %s', (good) => {
    expect(nameProblem(good)).toBeNull()
  })

  it.each(['', ' ', ' x', '.', '..', 'a/b', 'a\\b', 'a\nb', 'a:b', 'con', 'nul.txt', 'x.', 'é'.repeat(130)])(
    'says what is wrong with %j',
    (bad) => {
      expect(nameProblem(bad)).toMatch(/\.$/)
    },
  )

  it('get a number when they are taken', () => {
    expect(freeName('x', new Set(['y']))).toBe('x')
    expect(freeName('x', new Set(['x', 'x-2']))).toBe('x-3')
  })

  it.each([
    ['a/b.txt', 1, 'a/b.txt'],
    ['a/b.txt', 2, 'a/b (2).txt'],
    ['a.b/c', 2, 'a.b/c (2)'],
    ['a/.env', 3, 'a/.env (3)'],
  ])('stand beside %s as number %d', (path, number, expected) => {
    expect(numberedPath(path, number)).toBe(expected)
  })
})
