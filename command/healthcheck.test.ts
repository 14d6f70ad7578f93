import assert from 'node:assert/strict'
import http from 'node:http'
import { test } from 'node:test'
import { listening } from '../test/listening.ts'
import { ask, request } from '../test/raw.ts'
import { runProgram } from '../test/run-program.ts'
import { stage } from '../test/stage.ts'

test('the health check needs no IPv6 where the front listens at every address', async t => {
  const server = http.createServer((_req, res) => res.end())
  const PORT = String(await listening(t, server))
  for (const HOST of ['', '0.0.0.0', '::']) {
    const ran = await runProgram(['command/healthcheck.ts'], { HOST, PORT })
    assert.deepEqual(ran, { out: '', errors: '', code: 0 })
  }
})

// a task without IPv4 (docs/ecs.md)
test('with HOST=:: the front answers IPv6, IPv4 and the health check', async t => {
  const { port } = await stage(t, { env: { HOST: '::' } })
  for (const host of ['::1', '127.0.0.1'])
    assert.equal((await ask(port, request('GET /healthz'), false, host)).status, 200, host)
  const ran = await runProgram(['command/healthcheck.ts'], { HOST: '::', PORT: String(port) })
  assert.deepEqual(ran, { out: '', errors: '', code: 0 })
})

test('the health check ends though a preload of NODE_OPTIONS would keep the process', async t => {
  const server = http.createServer((_req, res) => res.end())
  const PORT = String(await listening(t, server))
  const NODE_OPTIONS = '--import=data:text/javascript,setInterval(()=>{},1e6)'
  assert.equal((await runProgram(['command/healthcheck.ts'], { NODE_OPTIONS, PORT })).code, 0)
  server.close()
  assert.equal((await runProgram(['command/healthcheck.ts'], { NODE_OPTIONS, PORT: '1' })).code, 1)
})
