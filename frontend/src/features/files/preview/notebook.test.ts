import { expect, it } from 'vitest'
import { plainText, readNotebook } from './notebook'

const notebook = (...cells: object[]) => JSON.stringify({ nbformat: 4, cells })
const shown = (data: object) =>
  readNotebook(
    notebook({ cell_type: 'code', source: 'x', execution_count: 3, outputs: [{ output_type: 'display_data', data }] }),
  )[0]

it('reads cells whose text is one or a list of lines', () => {
  const cells = readNotebook(
    notebook({ cell_type: 'markdown', source: ['# a\n', 'b'] }, { cell_type: 'raw', source: 'c' }),
  )
  expect(cells).toEqual([
    { type: 'markdown', text: '# a\nb' },
    { type: 'raw', text: 'c' },
  ])
})

it('shows the text of an output and never its page', () => {
  const cell = shown({ 'text/html': '<script>alert(1)</script>', 'text/plain': '1' })
  expect(cell).toMatchObject({ count: 3, outputs: [{ type: 'text', text: '1', isError: false }] })
  expect(shown({ 'text/html': '<b>' })).toMatchObject({ outputs: [{ type: 'left out', what: 'text/html' }] })
})

it('takes a picture only where its bytes are base64', () => {
  expect(shown({ 'image/png': 'aGk=\n' })).toMatchObject({
    outputs: [{ type: 'picture', address: 'data:image/png;base64,aGk=' }],
  })
  expect(shown({ 'image/png': '" onerror="x', 'text/plain': 'p' })).toMatchObject({ outputs: [{ text: 'p' }] })
})

it('leaves the colors of a terminal and overwritten progress out', () => {
  expect(plainText('\u001b[31mred\u001b[0m\n10 %\r100 %\n')).toBe('red\n100 %\n')
})

it('refuses what is no notebook', () => {
  expect(() => readNotebook('[]')).toThrow()
  expect(() => readNotebook('{"cells": 1}')).toThrow()
})
