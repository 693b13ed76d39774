import { expect, test } from 'vitest'
import { pasteable } from './paste'

test('pasted text keeps its tabs and line ends and loses what steers a terminal', () => {
  expect(pasteable('a\tb\r\nc\n')).toBe('a\tb\r\nc\n')
  expect(pasteable('echo safe\u001b[201~; echo run\n')).toBe('echo safe[201~; echo run\n')
  expect(pasteable('\u0003\u0000\u007f\u009b31mä 日本')).toBe('31mä 日本')
})
