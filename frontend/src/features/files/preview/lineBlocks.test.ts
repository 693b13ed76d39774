import { expect, it } from 'vitest'
import { endOfRecords, LineBlocks } from './lineBlocks'

function blocksOf(name: string, text: string) {
  const bytes = new TextEncoder().encode(text)
  const reads: number[] = []
  const read = async (from: number, to: number) => {
    reads.push(to - from)
    return bytes.slice(from, to)
  }
  return { blocks: new LineBlocks(name, bytes.length, read), reads, size: bytes.length }
}

const lines = (count: number, line: (index: number) => string) =>
  Array.from({ length: count }, (_, index) => line(index)).join('\n')

it('reads a large file in pieces, each with whole records and their lines', async () => {
  const { blocks, size } = blocksOf(
    'a.jsonl',
    lines(60_000, (index) => `{"n": ${index}, "word": "ü"}`),
  )
  await blocks.more()
  expect(blocks.count).toBeLessThan(60_000)
  expect(blocks.bytes).toBeLessThan(size)
  while (!blocks.isWhole) await blocks.more()

  expect(blocks.count).toBe(60_000)
  expect(blocks.row(59_999)).toEqual({ line: 60_000, values: { n: '59999', word: 'ü' }, problem: null })
})

it('gives every piece of separated values the columns of the first record', async () => {
  const { blocks } = blocksOf('a.csv', `id,text\n${lines(80_000, (index) => `${index},"two\nlines"`)}`)
  while (!blocks.isWhole) await blocks.more()

  expect(blocks.count).toBe(80_000)
  expect(blocks.columns).toEqual(['id', 'text'])
  await blocks.recall(79_999)
  expect(blocks.row(79_999)).toEqual({
    line: 2 + 2 * 79_999,
    values: { id: '79999', text: 'two\nlines' },
    problem: null,
  })
})

it('keeps only the latest pieces, and reads an earlier one again when it is looked at', async () => {
  const { blocks, reads } = blocksOf(
    'a.jsonl',
    lines(400_000, (index) => `{"n": ${index}, "text": "0123456789"}`),
  )
  while (!blocks.isWhole) await blocks.more()
  expect(blocks.row(0)).toBeUndefined()

  const before = reads.length
  await blocks.recall(0)

  expect(blocks.row(0)?.values.n).toBe('0')
  expect(reads.length).toBe(before + 1)
})

it('takes no line break inside quotes for the end of a record', () => {
  const bytes = new TextEncoder().encode('1,"a\nb"\n2,"c\n')
  expect(endOfRecords(bytes, true)).toBe(8)
  expect(endOfRecords(bytes, false)).toBe(13)
})
