import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { diffLines, splitLines } from './lineDiff'
import { mergeParts, mergeTexts } from './merge'

const lines = fc.array(fc.constantFrom('a\n', 'b\n', 'c\n', 'd\n', '\n', 'long line\n'), { maxLength: 12 })

describe('lines that differ', () => {
  test('applying the changes to the one text gives the other', () => {
    fc.assert(
      fc.property(lines, lines, (a, b) => {
        const result: string[] = []
        let position = 0
        for (const change of diffLines(a, b)) {
          result.push(...a.slice(position, change.fromA), ...b.slice(change.fromB, change.toB))
          position = change.toA
        }
        expect([...result, ...a.slice(position)]).toEqual(b)
      }),
      { numRuns: 2000 },
    )
  })
})

describe('merging', () => {
  test('a side that changed nothing takes the other', () => {
    fc.assert(
      fc.property(lines, lines, (base, other) => {
        const [a, b] = [base.join(''), other.join('')]
        expect(mergeTexts(a, a, b)).toEqual({ text: b, collides: false })
        expect(mergeTexts(a, b, a)).toEqual({ text: b, collides: false })
        expect(mergeTexts(a, b, b)).toEqual({ text: b, collides: false })
      }),
    )
  })

  test('changes to different lines both stand', () => {
    const base = 'one\ntwo\nthree\nfour\n'
    const merged = mergeTexts(base, '# mine\none\ntwo\nthree\nfour\n', 'one\ntwo\nthree\nfour\n# theirs')
    expect(merged).toEqual({ text: '# mine\none\ntwo\nthree\nfour\n# theirs', collides: false })
    expect(mergeTexts(base, 'ONE\ntwo\nthree\nfour\n', 'one\nTWO\nthree\nfour\n').collides).toBe(false)
  })

  test('the same line changed differently collides and keeps mine', () => {
    expect(mergeTexts('a\nb\nc\n', 'a\nmine\nc\n', 'a\ntheirs\nc\n')).toEqual({ text: 'a\nmine\nc\n', collides: true })
  })

  test('what collides is the same whoever asks, and without collision so is the text', () => {
    fc.assert(
      fc.property(lines, lines, lines, (base, mine, theirs) => {
        const one = mergeTexts(base.join(''), mine.join(''), theirs.join(''))
        const other = mergeTexts(base.join(''), theirs.join(''), mine.join(''))
        expect(one.collides).toBe(other.collides)
        if (!one.collides) expect(one.text).toBe(other.text)
      }),
      { numRuns: 2000 },
    )
  })

  test('changes that do not touch all stand, whatever the line ends and the last line', () => {
    const kinds = fc.constantFrom('\n', '\r\n')
    const owners = fc.array(fc.constantFrom('none', 'mine', 'theirs'), { minLength: 1, maxLength: 30 })
    fc.assert(
      fc.property(owners, kinds, fc.boolean(), (whose, eol, endsWithBreak) => {
        const text = (...writing: string[]) =>
          whose.map((who, n) => (writing.includes(who) ? `${who} ${n}` : `line ${n}`)).join(eol) +
          (endsWithBreak ? eol : '')
        const merged = mergeTexts(text(), text('mine'), text('theirs'))
        expect(merged).toEqual({ text: text('mine', 'theirs'), collides: false })
      }),
      { numRuns: 2000 },
    )
  })

  test('the stretches give each of the three texts again', () => {
    fc.assert(
      fc.property(lines, lines, lines, (base, mine, theirs) => {
        const parts = mergeParts(base.join(''), mine.join(''), theirs.join(''))
        expect(parts.flatMap((part) => part.base)).toEqual(base)
        expect(parts.flatMap((part) => part.mine)).toEqual(mine)
        expect(parts.flatMap((part) => part.theirs)).toEqual(theirs)
        for (const { kind, base: before, ...part } of parts) {
          if (kind === 'same' || kind === 'theirs') expect(part.mine).toEqual(before)
          if (kind === 'same' || kind === 'mine') expect(part.theirs).toEqual(before)
        }
      }),
      { numRuns: 2000 },
    )
  })

  test('splitting keeps every character', () => {
    fc.assert(
      fc.property(fc.string(), (text) => {
        expect(splitLines(text).join('')).toBe(text)
      }),
    )
  })
})
