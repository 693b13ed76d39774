import { expect, it } from 'vitest'
import { hexDump, isText, kindOfBytes } from './bytes'

const bytes = (...values: number[]) => new Uint8Array(values)

it('knows files by their first bytes', () => {
  expect(kindOfBytes(bytes(0x50, 0x4b, 3, 4, 0))).toMatch(/^Zip/)
  expect(kindOfBytes(new TextEncoder().encode('grüße'))).toBe('Text')
  expect(kindOfBytes(bytes(0xc0, 0x00))).toBe('Bytes')
})

it('takes a character that is cut off at the end for text', () => {
  expect(isText(new TextEncoder().encode('ü').slice(0, 1))).toBe(true)
  expect(isText(bytes(0xff, 0xfe, 0x41))).toBe(false)
})

it('writes bytes with their offset and characters', () => {
  expect(hexDump(bytes(...Array.from({ length: 17 }, (_, index) => index + 64)))).toBe(
    [
      '00000000  40 41 42 43 44 45 46 47  48 49 4a 4b 4c 4d 4e 4f  @ABCDEFGHIJKLMNO',
      '00000010  50                                                P',
    ].join('\n'),
  )
})
