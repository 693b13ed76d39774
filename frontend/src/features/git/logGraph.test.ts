import { describe, expect, it } from 'vitest'
import { graphRows } from './logGraph'

const commit = (id: string, ...parents: string[]) => ({ id, parents })

describe('graphRows', () => {
  it('draws one line of history in one lane', () => {
    const rows = graphRows([commit('c', 'b'), commit('b', 'a'), commit('a')])
    expect(rows.map(({ lane, color }) => [lane, color])).toEqual([
      [0, 0],
      [0, 0],
      [0, 0],
    ])
    expect(rows[2]?.lines).toEqual([{ from: { lane: 0, at: 'top' }, to: { lane: 0, at: 'dot' }, color: 0 }])
  })

  it('gives a merged branch a lane of its own, which ends where it began', () => {
    const rows = graphRows([commit('m', 'b', 'x'), commit('b', 'a'), commit('x', 'a'), commit('a')])
    expect(rows.map(({ lane }) => lane)).toEqual([0, 0, 1, 0])
    expect(rows[2]?.lines.at(-1)?.to).toEqual({ lane: 0, at: 'bottom' })
    expect(rows[2]?.color).not.toBe(rows[1]?.color)
  })

  it('keeps a line through every row between a commit and its parent', () => {
    const rows = graphRows([commit('x', 'a'), commit('c', 'b'), commit('b', 'a'), commit('a')])
    expect(rows[1]?.lines).toContainEqual({ from: { lane: 0, at: 'top' }, to: { lane: 0, at: 'bottom' }, color: 0 })
    expect(rows[3]?.lane).toBe(0)
  })
})
