import { describe, expect, it } from 'vitest'
import { counted, formatBytes, formatDuration, formatRelative } from './format'

describe('numbers', () => {
  it.each([
    [0, '0 bytes'],
    [1, '1 byte'],
    [999, '999 bytes'],
    [1000, '1.0 kB'],
    [31_000, '31 kB'],
    [999_600, '1.0 MB'],
    [1_073_741_824, '1.1 GB'],
  ])('shows %d bytes as %s', (bytes, shown) => {
    expect(formatBytes(bytes)).toBe(shown)
  })

  it.each([
    [0.0123, '12 ms'],
    [0.9996, '1.0 s'],
    [1.24, '1.2 s'],
    [12.4, '12 s'],
    [59.8, '1 min 0 s'],
    [3_725, '1 h 2 min'],
  ])('shows %d seconds as %s', (seconds, shown) => {
    expect(formatDuration(seconds)).toBe(shown)
  })

  it('counts things in words', () => {
    expect([counted(1, 'file'), counted(10_000, 'file'), counted(2, 'entry', 'entries')]).toEqual([
      '1 file',
      '10,000 files',
      '2 entries',
    ])
  })
})

describe('times', () => {
  const now = new Date('2026-11-24T12:00:00')

  it.each([
    ['2026-11-24T11:59:40', 'just now'],
    ['2026-11-24T11:56:00', '4 min ago'],
    ['2026-11-24T09:00:00', '3 h ago'],
    ['2026-11-23T09:00:00', 'yesterday'],
    ['2026-11-20T12:00:00', '4 days ago'],
    ['2026-10-01T12:00:00', 'Oct 1'],
    ['2025-10-01T12:00:00', 'Oct 1, 2025'],
    ['2026-11-24T12:03:00', 'just now'],
    ['2026-11-24T12:30:00', 'in 30 min'],
    ['2026-11-25T12:00:00', 'in 24 h'],
    ['2026-12-01T12:00:00', 'in 7 days'],
    ['2027-02-22T12:00:00', 'Feb 22, 2027'],
  ])('shows %s as %s', (at, shown) => {
    expect(formatRelative(new Date(at), now)).toBe(shown)
  })
})
