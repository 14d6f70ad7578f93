import assert from 'node:assert/strict'
import { test } from 'node:test'
import { GatewayError } from '../../http/errors.ts'
import { lookIntoForm } from './body-fields.ts'

const looked = (text: string) => {
  let fields = 0
  lookIntoForm(text, () => fields++)
  return fields
}

test('a form of 1,000 fields is looked at', () => {
  assert.equal(looked(Array.from({ length: 1000 }, (_, i) => `a${i}=1`).join('&')), 1000)
})

for (const separator of ['&', ';', '&;'])
  test(`a form of more fields, with ${separator} between them, is refused`, () => {
    assert.throws(
      () => looked(`a=1${separator}`.repeat(1001)),
      error => error instanceof GatewayError && error.code === 'BAD_REQUEST',
    )
  })
