import fc from 'fast-check'
import { expect, test } from 'vitest'
import { mergeParts } from './merge'
import { carryOver, compose, keyOf, openConflicts, splitChange } from './mergeChoices'

const base = 'one\ntwo\nthree\nfour\n'
const mine = 'ONE\ntwo\nmine\nfour\n'
const theirs = 'one\ntwo\ntheirs\nfour\nfive\n'
const parts = mergeParts(base, mine, theirs)
const conflict = parts.find((part) => part.kind === 'conflict')
if (!conflict) throw new Error('There is one.')
const key = keyOf(conflict)

test('what nobody has decided stands as before, all else is merged', () => {
  expect(compose(parts, new Map()).text).toBe('ONE\ntwo\nthree\nfour\nfive\n')
})

test('each choice is the text it names', () => {
  const text = (choice: 'mine' | 'theirs' | 'both' | 'base') => compose(parts, new Map([[key, choice]])).text
  expect(text('mine')).toBe('ONE\ntwo\nmine\nfour\nfive\n')
  expect(text('theirs')).toBe('ONE\ntwo\ntheirs\nfour\nfive\n')
  expect(text('both')).toBe('ONE\ntwo\nmine\ntheirs\nfour\nfive\n')
  expect(text('base')).toBe('ONE\ntwo\nthree\nfour\nfive\n')
})

test('a conflict is open until it is decided or typed over, wherever it has moved', () => {
  const composed = compose(parts, new Map())
  const open = (result: string) => [...openConflicts(composed, new Map(), result).values()]
  expect(open(composed.text)).toEqual([2])
  expect(open(`# new\n${composed.text}`)).toEqual([3])
  expect(open(composed.text.replace('three', 'typed'))).toEqual([])
  expect(open(composed.text.replace('two\n', 'two\nmore\n'))).toEqual([3])
  expect([...openConflicts(composed, new Map([[key, 'mine']]), composed.text)]).toEqual([])
})

test('what was typed elsewhere stays when a conflict is decided, and the decision wins in its place', () => {
  const before = compose(parts, new Map()).text
  const after = compose(parts, new Map([[key, 'theirs' as const]])).text
  expect(carryOver(before, before.replace('four', 'FOUR'), after)).toBe('ONE\ntwo\ntheirs\nFOUR\nfive\n')
  expect(carryOver(before, before.replace('three', 'typed'), after)).toBe(after)
})

test('what is new in a line is marked by whole words, and the line stays whole', () => {
  expect(splitChange('in at most three sentences.', 'in at most two sentences.')).toEqual([
    'in at most ',
    'two',
    ' sentences.',
  ])
  expect(splitChange('same', 'same')).toEqual(['same', '', ''])
  expect(splitChange('', 'new line')).toEqual(['', 'new line', ''])
  fc.assert(
    fc.property(fc.string(), fc.string(), (a, b) => {
      expect(splitChange(a, b).join('')).toBe(b)
    }),
  )
})
