import assert from 'node:assert/strict'
import { test } from 'node:test'
import { sessionCookie } from './session-cookie.ts'

test('the session cookie is taken from among others, its value left as it is', () => {
  assert.equal(sessionCookie('a=1; session=s%3Ax/+==; signed_in=1'), 'session=s%3Ax/+==')
})

test('a cookie whose name only ends or begins like it is not the session cookie', () => {
  assert.equal(sessionCookie('my_session=1; session_id=2; sessions=3'), null)
})

test('without a cookie there is no session cookie', () => {
  assert.equal(sessionCookie(null), null)
})
