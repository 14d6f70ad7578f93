import assert from 'node:assert/strict'
import http from 'node:http'
import { test } from 'node:test'
import { listening } from '../test/listening.ts'
import { runProgram } from '../test/run-program.ts'

test('the health check needs no IPv6 where the front listens at every address', async t => {
  const server = http.createServer((_req, res) => res.end())
  const PORT = String(await listening(t, server))
  for (const HOST of ['', '0.0.0.0', '::']) {
    const ran = await runProgram(['command/healthcheck.ts'], { HOST, PORT })
    assert.deepEqual(ran, { out: '', errors: '', code: 0 })
  }
})
