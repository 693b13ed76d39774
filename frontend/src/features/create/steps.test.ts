import { expect, it } from 'vitest'
import { choiceProblem, suggestion } from './choice'
import { stepOfRepository, stepOfUpload } from './steps'

const git = (url: string, folder = '') => ({ from: 'git', url, branch: '', folder }) as const

it('tells how far an upload is, and that it is written after it was sent', () => {
  expect(stepOfUpload({ sent: 500_000, total: 2_000_000 })).toMatchObject({ sentence: 'Sending 500 kB of 2.0 MB' })
  expect(stepOfUpload({ sent: 10, total: 10 })).toEqual({ sentence: 'Writing to your share…', done: 0, total: 0 })
})

it('tells how far a repository is, also where nobody knows how much there is', () => {
  expect(stepOfRepository({ phase: 'receiving', done: 7, total: 0 }).sentence).toBe('Receiving 7 objects')
  expect(stepOfRepository({ phase: 'writing', done: 1, total: 3 })).toMatchObject({ done: 1, total: 3 })
})

it('names a flow after its repository or its folder there', () => {
  const free = new Set<string>()
  expect(suggestion(git('https://git.example.org/team/flows.git'), free)).toBe('flows')
  expect(suggestion(git('https://git.example.org/team/flows/', 'chat/answers/'), free)).toBe('answers')
  expect(suggestion(git('https://git.example.org/team/flows?x=/y'), new Set(['flows']))).toBe('flows-2')
  expect(suggestion(git('https://git.example.org'), free)).toBe('imported-flow')
})

it('waits for an address that can be one of a repository', () => {
  expect(choiceProblem(git('git.example.org/flows'))).toContain('Enter the address')
  expect(choiceProblem(git(' https://git.example.org/flows '))).toBeNull()
})
