import { describe, expect, it } from 'vitest'
import type { Environment } from '../../api/environments'
import { said } from './words'

const base: Environment = {
  state: 'ready',
  python: '3.11',
  file: 'requirements.txt',
  problem: null,
  line: null,
  build: null,
  packages: [],
  dropped: [],
  built_at: null,
  seconds: null,
  size: null,
  from_source: false,
  flows: 1,
  may_build: true,
}

describe('the state of an environment in words', () => {
  it('says that a run can begin', () => {
    expect(said(base).short).toBe('Session ready · Python 3.11')
    expect(said({ ...base, state: 'default', file: null }).short).toBe('Session ready · Python 3.11')
  })

  it('counts packages once it is known how many there are', () => {
    const build = { id: 'x', phase: 'downloading' as const, done: 3, total: 12, started_at: 0, by: 'bob' }
    expect(said({ ...base, state: 'building', build }).short).toBe('Downloading packages · 3 of 12')
    expect(said({ ...base, state: 'building', build: { ...build, total: 0 } }).short).toBe('Downloading packages')
  })

  it('tells others whose act it is', () => {
    expect(said({ ...base, state: 'missing' }).long).toContain('The first run installs them.')
    expect(said({ ...base, state: 'missing', may_build: false }).long).toContain('Its owner, or an admin')
  })

  it('never calls a failure ready', () => {
    for (const state of ['failed', 'invalid'] as const) expect(said({ ...base, state }).status).toBe('failed')
  })
})
