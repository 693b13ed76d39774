import { expect, it } from 'vitest'
import { mergeParts } from './merge'
import { changesOf, summaryOf } from './mergeList'

const base = 'one\ntwo\nthree\nfour\nfive\n'
const changes = changesOf(mergeParts(base, 'ONE\ntwo\nthree mine\nfour\nfive\n', 'one\ntwo\nthree theirs\nfour\n'))

it('lists what each side changed, with its line', () => {
  expect(changes.map(({ part, line, words }) => [part.kind, line, words])).toEqual([
    ['mine', 1, 'ONE'],
    ['conflict', 3, 'three mine'],
    ['theirs', 5, 'deleted'],
  ])
})

it('sums up what is merged and what is to be decided', () => {
  expect(summaryOf(changes)).toBe('2 changes merged, line 3 changed on both sides.')
  expect(summaryOf(changesOf(mergeParts('a\n', 'b\n', 'c\n')))).toBe('Line 1 changed on both sides.')
})
