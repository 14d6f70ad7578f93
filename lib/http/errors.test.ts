import assert from 'node:assert/strict'
import { once } from 'node:events'
import { createServer } from 'node:net'
import { test } from 'node:test'
import { connect } from 'node:tls'
import { listening } from '../../test/listening.ts'
import { describeError, ERRORS, GatewayError } from './errors.ts'

test('an error of the table carries its code, its sentence and what really happened', () => {
  const cause = new Error('what really happened')
  const error = new GatewayError('BACKEND_TIMEOUT', cause)
  assert.equal(error.code, 'BACKEND_TIMEOUT')
  assert.equal(error.message, ERRORS.BACKEND_TIMEOUT.en)
  assert.equal(error.cause, cause)
  assert.equal('cause' in new GatewayError('BACKEND_TIMEOUT'), false)
})

test('a request may be retried only after errors that come before the whole of it was sent', () => {
  const again = Object.entries(ERRORS).flatMap(([code, { retry }]) => (retry ? [code] : []))
  assert.deepEqual(again, [
    'CLIENT_TIMEOUT',
    'TOO_MANY',
    'BACKEND_UNREACHABLE',
    'BACKEND_UNKNOWN',
    'BACKEND_FULL',
    'PAGE_UNAVAILABLE',
    'FULL',
  ])
})

test('the log has the code of an error, and code and message of its causes, each of several', () => {
  const refused = Object.assign(new Error('connect ECONNREFUSED 10.0.0.1:443'), { code: 'ECONNREFUSED' })
  const late = Object.assign(new Error('no TLS within 1000 ms'), { code: 'ETIMEDOUT' })
  assert.equal(
    describeError(new GatewayError('BACKEND_UNREACHABLE', new AggregateError([refused, late]))),
    'BACKEND_UNREACHABLE (ECONNREFUSED: connect ECONNREFUSED 10.0.0.1:443; ETIMEDOUT: no TLS within 1000 ms)',
  )
})

test("the log has OpenSSL's reason, and not the place in its source", async t => {
  const server = createServer(socket => socket.end('HTTP/1.1 400 Bad Request\r\n\r\n'))
  const [error] = await once(connect({ port: await listening(t, server), host: '127.0.0.1' }), 'error')
  assert.equal(describeError(error), 'ERR_SSL_WRONG_VERSION_NUMBER: wrong version number')
})

test('the log has no stack of an error, nor what else hangs on it', () => {
  const error = Object.assign(new Error('it broke'), { request: { body: 'password=hunter2' } })
  assert.equal(describeError(error), 'it broke')
})

test('what was thrown and is no error is put into words too', () => {
  assert.equal(describeError('out of order'), 'out of order')
  assert.equal(describeError(undefined), 'undefined')
})
