import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest'
import { FileSession } from './FileSession'

// There is no page here to say where the studio is.
vi.mock('../../lib/base', () => ({ basePath: 'http://studio', address: (path: string) => `http://studio${path}` }))

const path = 'Users/bob/promptflow/flow/a.txt'

/** A studio of one file that somebody else saves to, and what was sent to its history. */
function studio() {
  const server = { text: 'base\n', etag: '"1"', lost: [] as string[], failures: 0 }
  vi.stubGlobal('fetch', async (address: string, init: RequestInit = {}) => {
    if (address.includes('/api/history-lost/')) {
      if (server.failures > 0) {
        server.failures -= 1
        throw new TypeError('network')
      }
      server.lost.push(`${decodeURIComponent(address.split('/api/history-lost/')[1] ?? '')}: ${init.body}`)
      return Response.json({ kept: true })
    }
    if (init.method !== 'PUT') return new Response(server.text, { headers: { ETag: server.etag } })
    const match = new Headers(init.headers).get('If-Match')
    if (match !== server.etag) return Response.json({ detail: 'stale' }, { status: 412 })
    server.text = String(init.body)
    server.etag = `"${Number(server.etag.slice(1, -1)) + 1}"`
    return new Response('{}', { headers: { ETag: server.etag } })
  })
  return server
}

async function inConflict(server: ReturnType<typeof studio>): Promise<FileSession> {
  const file = new FileSession('a.txt', path, () => {})
  await file.load()
  server.text = 'theirs\n'
  server.etag = '"2"'
  file.document.replace('mine\n', 'person')
  await file.save()
  expect(file.state.getState().save).toBe('conflict')
  return file
}

describe('a save that lost a race', () => {
  let server: ReturnType<typeof studio>

  beforeEach(() => {
    vi.useFakeTimers()
    server = studio()
  })

  afterEach(() => {
    vi.useRealTimers()
    vi.unstubAllGlobals()
  })

  it('is kept in the history when the other version is taken', async () => {
    const file = await inConflict(server)

    file.takeTheirs()
    await vi.runAllTimersAsync()

    expect(server.lost).toEqual([`${path}: mine\n`])
    expect(server.text).toBe('theirs\n')
  })

  it('is kept in the history when both are put together by hand', async () => {
    const file = await inConflict(server)

    file.resolve('both\n')
    await vi.runAllTimersAsync()

    expect(server.lost).toEqual([`${path}: mine\n`])
    expect(server.text).toBe('both\n')
  })

  it('is not lost, and so not sent, when it is what is saved', async () => {
    const file = await inConflict(server)

    file.keepMine()
    await vi.runAllTimersAsync()

    expect(server.lost).toEqual([])
    expect(server.text).toBe('mine\n')
  })

  it('is not sent where both fit together', async () => {
    const file = new FileSession('a.txt', path, () => {})
    server.text = 'one\n\n\n\ntwo\n'
    await file.load()
    server.text = 'ONE\n\n\n\ntwo\n'
    server.etag = '"2"'
    file.document.replace('one\n\n\n\nTWO\n', 'person')
    await file.save()
    await vi.runAllTimersAsync()

    expect(server.text).toBe('ONE\n\n\n\nTWO\n')
    expect(server.lost).toEqual([])
  })

  it('is sent again until the studio is there', async () => {
    const file = await inConflict(server)
    server.failures = 3

    file.takeTheirs()
    await vi.runAllTimersAsync()

    expect(server.lost).toEqual([`${path}: mine\n`])
  })

  it('says so where this browser keeps nothing', async () => {
    const file = await inConflict(server) // There is no IndexedDB in these tests.
    await vi.runAllTimersAsync()

    expect(file.state.getState().isUnkept).toBe(true)
  })
})
