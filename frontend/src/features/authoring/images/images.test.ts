import { expect, test } from 'vitest'
import type { Json } from '../../../yaml/scalars'
import { imageFromText, imageOf, imageValue } from './images'

const inline = { kind: 'inline', type: 'image/png', where: 'data:image/png;base64,iVBO' } as const

test('an image of either format is found, and written back as it was', () => {
  for (const [format, value, image] of [
    ['basic', { 'data:image/png;base64': 'iVBO' }, inline],
    ['basic', { 'data:image/png;path': 'logo.png' }, { kind: 'path', type: 'image/png', where: 'logo.png' }],
    ['basic', { 'data:image/*;url': 'https://a/b' }, { kind: 'url', type: 'image/*', where: 'https://a/b' }],
    ['openai-vision', { type: 'image_url', image_url: { url: inline.where } }, inline],
    [
      'openai-vision',
      { type: 'image_file', image_file: { path: 'a.jpg' } },
      { kind: 'path', type: 'image/jpeg', where: 'a.jpg' },
    ],
  ] as const) {
    expect(imageOf(value)).toEqual(image)
    expect(imageValue(image, format)).toEqual(value)
  }
})

test('what only looks like an image is none', () => {
  const values: Json[] = [{ 'data:image/png;path': 'a', b: 1 }, { type: 'text', text: 'a' }, 'data:image/png', null, []]
  for (const value of values) {
    expect(imageOf(value)).toBeNull()
  }
})

test('what is typed is an address or a path', () => {
  expect(imageFromText(' https://a/b.gif?x=1 ')).toEqual({
    kind: 'url',
    type: 'image/gif',
    where: 'https://a/b.gif?x=1',
  })
  expect(imageFromText('pictures/a.JPG')).toEqual({ kind: 'path', type: 'image/jpeg', where: 'pictures/a.JPG' })
  expect(imageFromText('  ')).toBeNull()
})
