import { expect, test } from 'vitest'
import { folderOf, typeTitle } from './flowWords'

test('a flow with nodes is called by its type, the others by their kind', () => {
  expect(typeTitle({ kind: 'dag', type: 'chat' })).toBe('Chat')
  expect(typeTitle({ kind: 'flex', type: 'standard' })).toBe('Flex')
  expect(typeTitle({ kind: 'prompty', type: 'standard' })).toBe('Prompty')
})

test('a flow inside other folders shows them, one of its own folder does not', () => {
  expect(folderOf({ path: 'Users/ada/promptflow/chat/chat.prompty' })).toBe('chat/')
  expect(folderOf({ path: 'Users/ada/promptflow/repository/flows/web' })).toBe('repository/flows/')
  expect(folderOf({ path: 'Users/ada/promptflow/web' })).toBe('')
})
