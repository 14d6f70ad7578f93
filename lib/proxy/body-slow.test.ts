import assert from 'node:assert/strict'
import http from 'node:http'
import { PassThrough } from 'node:stream'
import { type TestContext, test } from 'node:test'
import { setTimeout as sleep } from 'node:timers/promises'
import { listening } from '../../test/listening.ts'
import { wire } from '../../test/raw.ts'
import { answerError } from '../http/error-answer.ts'
import { GatewayError } from '../http/errors.ts'
import { createBound } from '../observe/bounds.ts'
import { takeBody } from './body.ts'

const IDLE_MS = 200

/** A server that takes bodies with little patience, and says how many bytes came. */
async function setUp(t: TestContext) {
  const server = http.createServer(async (req, res) => {
    try {
      const body = await takeBody(req, 1024 ** 2, createBound(1024 ** 2), IDLE_MS)
      const sent = new PassThrough()
      if (body?.kept) sent.end(body.kept)
      body?.stream?.once('error', error => sent.destroy(error)).pipe(sent)
      let size = 0
      for await (const chunk of sent) size += chunk.length
      res.end(String(size))
    } catch (error) {
      answerError(req, res, error instanceof GatewayError ? error : new GatewayError('INTERNAL', error))
    }
  })
  return wire(t, await listening(t, server))
}

const head = (length: number) => `POST /user/login HTTP/1.1\r\nHost: a\r\nContent-Length: ${length}\r\n\r\n`

test('a body that stops half way gets 408, and the connection ends', async t => {
  const client = await setUp(t)
  client.send(`${head(10)}12345`)
  const { status, body } = await client.answer()
  assert.equal(status, 408)
  assert.match(body, /"code":"CLIENT_TIMEOUT".*"retry":true/)
  await client.closed()
})

test('a large body that stops half way gets 408 as well, and may have been acted on', async t => {
  const client = await setUp(t)
  client.send(head(200_000) + 'x'.repeat(100_000))
  const { status, body } = await client.answer()
  assert.equal(status, 408)
  assert.match(body, /"code":"CLIENT_STALLED".*"retry":false/)
})

test('a body that comes slowly, but comes, is taken', async t => {
  const client = await setUp(t)
  client.send(head(6))
  for (const byte of '123456') {
    await sleep(IDLE_MS / 4)
    client.send(byte)
  }
  assert.equal((await client.answer()).body, '6')
})
