import { expect, it } from 'vitest'
import { ApiError, errorFromText, errorText } from './errors'

it('shows the sentence of a problem and its place', () => {
  const error = errorFromText(400, 'Bad Request', '{"detail": "It is broken.", "code": "x", "file": "a.py", "line": 3}')
  expect([error.message, error.place, error.code, error.status]).toEqual(['It is broken.', 'a.py:3', 'x', 400])
})

it('has a sentence for an answer that is no problem document', () => {
  expect(errorFromText(502, 'Bad Gateway', '<html>').message).toBe('The studio answered 502 (Bad Gateway).')
})

it('says that the studio cannot be reached', () => {
  expect(errorText(new TypeError('Failed to fetch'))).toContain('cannot be reached')
  expect(errorText(new ApiError({ status: 409, title: 'Conflict', detail: 'Taken.', code: 'x' }))).toBe('Taken.')
})
