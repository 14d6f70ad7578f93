import assert from 'node:assert/strict'
import { test } from 'node:test'
import { GatewayError } from '../http/errors.ts'
import { type Attempt, connectionChoiceFor, failureOf, isUnexecuted, mayBeSentAgain } from './proof.ts'

const reset = Object.assign(new Error('socket hang up'), { code: 'ECONNRESET' })
const unreadable = Object.assign(new Error('Parse Error'), { code: 'HPE_INVALID_CONSTANT' })

/** A login that left whole; each test changes what it is about. */
const sent: Attempt = {
  address: '10.0.0.7',
  proven: () => false,
  awaitsContinue: false,
  silent: false,
  answered: false,
  untouched: () => false,
}
const waiting: Attempt = { ...sent, proven: () => true, awaitsContinue: true }

test('a login whose body is still here is retried when the connection closes', () => {
  assert.equal(isUnexecuted(waiting), true)
  assert.equal(mayBeSentAgain(reset, waiting, 'POST', 1), true)
  assert.equal(mayBeSentAgain(reset, waiting, 'POST', 2), true)
})

test('a login of which no byte was written is retried', () => {
  assert.equal(mayBeSentAgain(reset, { ...sent, untouched: () => true }, 'POST', 1), true)
})

test('a login that the backend did not even say 100 to is retried', () => {
  assert.equal(
    mayBeSentAgain(new GatewayError('BACKEND_UNREACHABLE'), { ...waiting, silent: true }, 'POST', 1),
    true,
  )
})

test('a login that left whole is not retried', () => {
  assert.equal(isUnexecuted(sent), false)
  assert.equal(mayBeSentAgain(reset, sent, 'POST', 1), false)
  assert.equal(mayBeSentAgain(reset, { ...waiting, awaitsContinue: false }, 'POST', 1), false)
})

test('nothing of which a response byte has come is retried', () => {
  assert.equal(mayBeSentAgain(reset, { ...waiting, answered: true }, 'POST', 1), false)
  assert.equal(mayBeSentAgain(reset, { ...sent, answered: true }, 'GET', 1), false)
})

test('an idempotent request is retried once, when the connection closes', () => {
  for (const method of ['GET', 'HEAD', 'OPTIONS', 'PUT', 'DELETE']) {
    assert.equal(mayBeSentAgain(reset, sent, method, 1), true)
    assert.equal(mayBeSentAgain(reset, sent, method, 2), false)
  }
  assert.equal(mayBeSentAgain(reset, sent, 'PATCH', 1), false)
})

test('a connection whose machine is gone ends like one that is closed', () => {
  for (const code of ['ETIMEDOUT', 'EHOSTUNREACH', 'ENETUNREACH', 'ENETDOWN', 'ECONNABORTED']) {
    const gone = Object.assign(new Error(`read ${code}`), { code })
    assert.equal(mayBeSentAgain(gone, sent, 'GET', 1), true, code)
    assert.equal(mayBeSentAgain(gone, sent, 'GET', 2), false, code)
    assert.equal(mayBeSentAgain(gone, sent, 'POST', 1), false, code)
    assert.equal(failureOf(gone, sent).code, 'BACKEND_BROKE_OFF')
  }
})

test('an alert of TLS ends a connection like a close', () => {
  const alert = Object.assign(new Error('alert'), { code: 'ERR_SSL_TLSV1_ALERT_INTERNAL_ERROR' })
  assert.equal(mayBeSentAgain(alert, waiting, 'POST', 1), true)
  assert.equal(mayBeSentAgain(alert, sent, 'POST', 1), false)
  assert.equal(mayBeSentAgain(alert, sent, 'GET', 1), true)
  assert.equal(failureOf(alert, sent).code, 'BACKEND_BROKE_OFF')
})

test('a request is sent three times at most', () => {
  assert.equal(mayBeSentAgain(reset, waiting, 'POST', 3), false)
})

test('what is no close or reset is final', () => {
  assert.equal(mayBeSentAgain(new GatewayError('BACKEND_TIMEOUT'), sent, 'GET', 1), false)
  assert.equal(mayBeSentAgain(unreadable, waiting, 'GET', 1), false)
})

test('what is not idempotent and cannot wait for 100 goes over a connection that has carried nothing', () => {
  for (const method of ['POST', 'PATCH', 'REPORT'])
    assert.equal(connectionChoiceFor(method, true, false), 'unused')
  assert.equal(connectionChoiceFor('POST', true, true), 'expect-continue')
  for (const method of ['GET', 'HEAD', 'OPTIONS', 'PUT', 'DELETE'])
    assert.equal(connectionChoiceFor(method, true, true), 'any')
})

test('so does what is no POST: an address proves itself by POSTs', () => {
  for (const method of ['PATCH', 'REPORT']) assert.equal(connectionChoiceFor(method, true, true), 'unused')
})

test('so does what is idempotent, where its body is not kept and it cannot be retried', () => {
  assert.equal(connectionChoiceFor('PUT', false, false), 'unused')
})
