import { describe, expect, it } from 'vitest'
import type { Connection, ConnectionType } from '../../api/connections'
import { draftOf, draftProblem, fieldsOf, newRow } from './draft'

const field = (name: string, part: Partial<ConnectionType['fields'][number]> = {}) => ({
  name,
  required: false,
  secret: false,
  default: null,
  description: '',
  choices: [],
  ...part,
})
const azure: ConnectionType = {
  type: 'azure_open_ai',
  title: 'Azure OpenAI',
  fields: [
    field('api_base', { required: true }),
    field('api_key', { secret: true }),
    field('auth_mode', { default: 'key', choices: ['key', 'meid_token'] }),
  ],
}
const custom: ConnectionType = { type: 'custom', title: 'Custom', fields: [] }
const stored = {
  name: 'eu',
  type: 'azure_open_ai',
  scope: 'user',
  api_base: 'https://x',
  api_key: '******',
  auth_mode: 'key',
} as Connection

describe('a connection being edited', () => {
  it('begins with the defaults of its type', () => {
    expect(draftOf(azure, null).values).toEqual({ api_base: '', auth_mode: 'key' })
  })

  it('keeps a stored secret that is not replaced', () => {
    expect(fieldsOf(azure, draftOf(azure, stored), stored)).toMatchObject({ api_key: '******', api_base: 'https://x' })
  })

  it('sends a replaced secret', () => {
    const draft = { ...draftOf(azure, stored), secrets: { api_key: 'new' } }
    expect(fieldsOf(azure, draft, stored).api_key).toBe('new')
  })

  it('says what is missing', () => {
    expect(draftProblem(azure, draftOf(azure, null), null)).toBe('Enter a name.')
    const named = { ...draftOf(azure, null), name: 'eu' }
    expect(draftProblem(azure, named, null)).toBe('Enter API base.')
    const placed = { ...named, values: { ...named.values, api_base: 'https://x' } }
    expect(draftProblem(azure, placed, null)).toBe('Enter API key.')
  })

  it('needs no key where the server signs in by itself', () => {
    const draft = { ...draftOf(azure, null), name: 'eu', values: { api_base: 'https://x', auth_mode: 'meid_token' } }
    expect(draftProblem(azure, draft, null)).toBeNull()
  })
})

describe('a custom connection', () => {
  it('sends its plain and its secret values apart, stored secrets hidden', () => {
    const rows = [
      newRow({ key: 'host', value: 'h' }),
      newRow({ key: 'old', secret: true, stored: true, value: undefined }),
      newRow({ key: 'new', secret: true, value: 's' }),
      newRow(),
    ]
    expect(fieldsOf(custom, { name: 'c', values: {}, secrets: {}, rows }, null)).toEqual({
      configs: { host: 'h' },
      secrets: { old: '******', new: 's' },
    })
  })

  it('needs a secret, and each key once', () => {
    const draft = { name: 'c', values: {}, secrets: {}, rows: [newRow({ key: 'a', value: '1' })] }
    expect(draftProblem(custom, draft, null)).toBe('Add at least one secret.')
    const twice = { ...draft, rows: [...draft.rows, newRow({ key: 'a', secret: true, value: '2' })] }
    expect(draftProblem(custom, twice, null)).toContain('twice')
  })
})
