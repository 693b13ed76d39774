import { expect, it } from 'vitest'
import { holdsLetters, letterPieces } from './letters'

const marked = (query: string, text: string) =>
  letterPieces(query, text)
    .map(({ text: piece, isHit }) => (isHit ? `[${piece}]` : piece))
    .join('')

it('finds letters in their order, whatever is between them', () => {
  expect(holdsLetters('fdy', 'flow.dag.yaml')).toBe(true)
  expect(holdsLetters('yfd', 'flow.dag.yaml')).toBe(false)
})

it('marks letters that stand together before those that are scattered', () => {
  expect(marked('dag', 'data/flow.dag.yaml')).toBe('data/flow.[dag].yaml')
  expect(marked('fdy', 'flow.dag.yaml')).toBe('[f]low.[d]ag.[y]aml')
})

it('marks neighbors as one', () => {
  expect(marked('flya', 'flow.dag.yaml')).toBe('[fl]ow.dag.[ya]ml')
})

it('takes spaces between words as nothing', () => {
  expect(marked('flow yaml', 'flow.dag.yaml')).toBe('[flow].dag.[yaml]')
})
