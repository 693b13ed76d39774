import fc from 'fast-check'
import { expect, it } from 'vitest'
import { countPatch, markWords, pairLines, parsePatch } from './patch'

const patch = `@@ -1,3 +1,3 @@
 system:
-Summarize in at most three sentences.
+Summarize in one sentence.
 
@@ -10 +10,2 @@ def shout(text):
-    return text
\\ No newline at end of file
+    text = text.upper()
+    return text
\\ No newline at end of file
`

it('numbers the lines of both sides', () => {
  const [first, second] = parsePatch(patch)
  expect(first?.lines.map(({ kind, before, after }) => [kind, before, after])).toEqual([
    ['same', 1, 1],
    ['removed', 2, null],
    ['added', null, 2],
    ['same', 3, 3],
  ])
  expect(second?.heading).toBe('def shout(text):')
  expect(second?.lines.map(({ before, after, isUnended }) => [before, after, isUnended])).toEqual([
    [10, null, true],
    [null, 10, false],
    [null, 11, true],
  ])
  expect(countPatch(parsePatch(patch))).toEqual({ added: 3, removed: 2 })
})

it('takes a removed line that begins with dashes for what it is', () => {
  expect(parsePatch('@@ -1,2 +1 @@\n---- rule\n+-- rule\n')[0]?.lines.map((line) => line.text)).toEqual([
    '--- rule',
    '-- rule',
  ])
})

it('finds nothing in an empty diff or in something else', () => {
  expect(parsePatch('')).toEqual([])
  expect(parsePatch('Binary files differ\n')).toEqual([])
})

it('puts what changed beside what it became', () => {
  const [, second] = parsePatch(patch)
  expect(pairLines(second?.lines ?? []).map(({ left, right }) => [left?.text, right?.text])).toEqual([
    ['    return text', '    text = text.upper()'],
    [undefined, '    return text'],
  ])
})

it('marks the words that differ', () => {
  const marked = markWords('Summarize in at most three sentences.', 'Summarize in one sentences.')
  const changed = (side: 'before' | 'after') =>
    marked?.[side].filter((piece) => piece.isChanged).map((piece) => piece.text)
  expect(changed('before')).toEqual(['at most three'])
  expect(changed('after')).toEqual(['one'])
})

it('marks no words where lines have little in common', () => {
  expect(markWords('abc def', 'uvw xyz')).toBeNull()
})

it('loses no character of a line', () => {
  fc.assert(
    fc.property(fc.string(), fc.string(), (before, after) => {
      const marked = markWords(before, after)
      if (!marked) return
      expect(marked.before.map((piece) => piece.text).join('')).toBe(before)
      expect(marked.after.map((piece) => piece.text).join('')).toBe(after)
    }),
  )
})
