import { expect, it } from 'vitest'
import type { FlowItem } from '../../api/flows'
import type { GalleryEntry } from '../../api/gallery'
import { choiceOf, flowNameProblem, suggestion, takenNames } from './choice'

const gallery = [{ name: 'standard' }, { name: 'web-classification' }] as GalleryEntry[]
const flow = (path: string) => ({ path }) as FlowItem

it('reads what an address asks for', () => {
  expect(choiceOf('chat', gallery)).toEqual({ from: 'type', type: 'chat' })
  expect(choiceOf('web-classification', gallery)).toEqual({ from: 'gallery', name: 'web-classification' })
  expect(choiceOf('gallery', gallery)).toEqual({ from: 'gallery', name: 'web-classification' })
  expect(choiceOf('upload', gallery)).toEqual({ from: 'nothing' })
  expect(choiceOf('gallery', [])).toEqual({ from: 'type', type: 'standard' })
})

it('suggests a name that is free', () => {
  const taken = takenNames(
    [flow('Users/ada/promptflow/x'), flow('Users/ada/promptflow/repo/inner'), flow('Users/bob/promptflow/y')],
    'Users/ada/promptflow',
  )
  expect([...taken]).toEqual(['x', 'repo'])
  expect(suggestion({ from: 'gallery', name: 'x' }, taken)).toBe('x-2')
  expect(suggestion({ from: 'gallery', name: 'y' }, taken)).toBe('y')
})

it('says why a name cannot be taken', () => {
  expect(flowNameProblem('x', new Set(['x']))).toContain('already')
  expect(flowNameProblem('.x', new Set())).toContain('dot')
  expect(flowNameProblem('a/b', new Set())).toContain('slash')
  expect(flowNameProblem('Tëst 🙂', new Set())).toBeNull()
})
