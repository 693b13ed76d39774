import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { TextDocument } from './TextDocument'

const texts = fc
  .array(fc.constantFrom('a', 'bc', 'é😀', '', 'long line of text'), { maxLength: 8 })
  .chain((lines) => fc.constantFrom('\n', '\r\n').map((eol) => lines.join(eol)))

describe('a text document', () => {
  test('keeps every byte, line ends included, when its text is replaced', () => {
    fc.assert(
      fc.property(texts, texts, (before, after) => {
        const document = new TextDocument(before)
        document.replace(after, 'person')
        expect(document.text).toBe(after)
      }),
    )
  })

  test('mixed line ends stay mixed', () => {
    const document = new TextDocument('a\r\nb\nc\rd')
    document.apply([{ from: 3, to: 4, insert: 'B' }])
    expect(document.text).toBe('a\r\nB\nc\rd')
  })

  test('undo gives back the exact text, also past a change on disk', () => {
    const document = new TextDocument('one\ntwo\nthree\n')
    document.apply([{ from: 0, to: 3, insert: 'ONE' }])
    document.replace('ONE\ntwo\nthree\nfour\n', 'disk')
    document.undo()
    expect(document.text).toBe('one\ntwo\nthree\nfour\n')
    document.redo()
    expect(document.text).toBe('ONE\ntwo\nthree\nfour\n')
    expect(document.canRedo).toBe(false)
  })

  test('each edit is a step of its own', () => {
    const document = new TextDocument('x: 1\r\ny: 2\r\n')
    document.apply([{ from: 3, to: 4, insert: '5' }])
    document.apply([{ from: 9, to: 10, insert: '6' }])
    expect(document.text).toBe('x: 5\r\ny: 6\r\n')
    document.undo()
    expect(document.text).toBe('x: 5\r\ny: 2\r\n')
    document.undo()
    expect(document.text).toBe('x: 1\r\ny: 2\r\n')
    expect(document.canUndo).toBe(false)
  })

  test('listeners hear who changed it', () => {
    const document = new TextDocument('a')
    const heard: string[] = []
    document.subscribe((origin) => heard.push(origin))
    document.replace('b', 'disk')
    document.apply([{ from: 0, to: 1, insert: 'c' }])
    document.undo()
    expect(heard).toEqual(['disk', 'person', 'person'])
  })
})
