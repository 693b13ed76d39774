import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { type Block, type Inline, readMarkdown } from './markdown'

function words(items: Inline[]): string {
  return items.map((item) => ('children' in item ? words(item.children) : item.text)).join('')
}

const first = (text: string): Block | undefined => readMarkdown(text)[0]

describe('a README', () => {
  it('has headings, paragraphs and rules', () => {
    expect(readMarkdown('# Title #\n\nOne\ntwo\n\n---').map((block) => block.type)).toEqual([
      'heading',
      'paragraph',
      'rule',
    ])
  })

  it('keeps code as it is', () => {
    expect(first('```bash\npf flow test <x>\n\n# no heading\n```')).toEqual({
      type: 'code',
      language: 'bash',
      text: 'pf flow test <x>\n\n# no heading',
    })
  })

  it('has lists in lists', () => {
    const list = first('- one\n  - inner\n- two')
    expect(list).toMatchObject({ type: 'list', ordered: false })
    expect(list?.type === 'list' && list.items.map((item) => item.map((block) => block.type))).toEqual([
      ['paragraph', 'list'],
      ['paragraph'],
    ])
  })

  it('has numbered lists and quotes', () => {
    expect(readMarkdown('1. one\n2. two\n\n> said').map((block) => block.type)).toEqual(['list', 'quote'])
  })

  it('has tables', () => {
    const table = first('| a | b |\n|---|:-:|\n| 1 | `x` |')
    expect(table?.type === 'table' && [table.head.map(words), table.rows.map((row) => row.map(words))]).toEqual([
      ['a', 'b'],
      [['1', 'x']],
    ])
  })

  it('emphasizes words, but not names with underscores', () => {
    const block = first('**bold** and *slanted* and fetch_text_content')
    expect(block?.type === 'paragraph' && block.children.map((item) => item.type)).toEqual([
      'strong',
      'text',
      'emphasis',
      'text',
    ])
  })
})

describe('hostile Markdown', () => {
  const links = (items: Inline[]): string[] =>
    items.flatMap((item) => [
      ...(item.type === 'link' ? [item.href] : []),
      ...('children' in item ? links(item.children) : []),
    ])

  it.each([
    '[x](javascript:alert(1))',
    '[x](JaVaScRiPt:alert(1))',
    '[x](data:text/html,x)',
    '[x](//evil.example)',
    '[x](/api/users)',
    '![x](http://evil.example/pixel.png)',
  ])('makes no link of %s', (text) => {
    const block = first(text)
    expect(block?.type === 'paragraph' && links(block.children)).toEqual([])
  })

  it('leaves HTML as text', () => {
    const block = first('<img src=x onerror=alert(1)>')
    expect(block?.type === 'paragraph' && words(block.children)).toBe('<img src=x onerror=alert(1)>')
  })

  it('ends on any text', () => {
    const mark = fc.constantFrom('#', '*', '_', '`', '[', ']', '(', ')', '|', '-', '>', '\n', ' ', 'a', '1', '.', '~')
    fc.assert(fc.property(fc.string({ unit: mark, maxLength: 80 }), (text) => Array.isArray(readMarkdown(text))))
  })
})

it('reads lines that are four spaces in as code, but not the rest of a paragraph', () => {
  expect(readMarkdown('Try it:\n\n    pf flow test\n\n      --flow .\n\nEnd\n    of it')).toEqual([
    { type: 'paragraph', children: [{ type: 'text', text: 'Try it:' }] },
    { type: 'code', language: '', text: 'pf flow test\n\n  --flow .' },
    { type: 'paragraph', children: [{ type: 'text', text: 'End\n    of it' }] },
  ])
})
