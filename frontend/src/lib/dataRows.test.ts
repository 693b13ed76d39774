import { describe, expect, it } from 'vitest'
import { readData } from './dataRows'

describe('JSON lines', () => {
  it('become rows with their line in the file', () => {
    const { columns, rows } = readData('x.jsonl', '\uFEFF{"a": 1}\n\n{"a": "x", "b": [1, null]}\n')
    expect(columns).toEqual(['a', 'b'])
    expect(rows).toEqual([
      { line: 1, values: { a: '1' }, problem: null },
      { line: 3, values: { a: 'x', b: '[1,null]' }, problem: null },
    ])
  })

  it('say which line cannot be read, and show the others', () => {
    const { rows } = readData('x.jsonl', '{"a": 1}\n{oops\n{"a": 2}')
    expect(rows.map((row) => row.problem === null)).toEqual([true, false, true])
  })
})

describe('separated values', () => {
  it('keep quotes, separators and line breaks inside a value', () => {
    const { columns, rows } = readData('x.csv', 'a,b\r\n1,"x, ""y""\r\nz"\r\n2,\r\n')
    expect(columns).toEqual(['a', 'b'])
    expect(rows).toEqual([
      { line: 2, values: { a: '1', b: 'x, "y"\r\nz' }, problem: null },
      { line: 4, values: { a: '2', b: '' }, problem: null },
    ])
  })

  it('may be separated by tabs', () => {
    expect(readData('x.tsv', 'a\tb\n1\t2,3').rows[0]?.values).toEqual({ a: '1', b: '2,3' })
  })

  it('say when a record has too many values', () => {
    expect(readData('x.csv', 'a\n1,2').rows[0]?.problem).toContain('2 values for 1 column')
  })

  it('may be empty', () => {
    expect(readData('x.csv', '')).toEqual({ columns: [], rows: [] })
  })
})
