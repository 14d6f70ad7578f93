import assert from 'node:assert/strict'
import http from 'node:http'
import { test } from 'node:test'
import { ask, request, wire } from '../../test/raw.ts'
import { holdPort, listen } from './listen.ts'

test('a port that is held serves nobody, and is the server’s once that listens', async t => {
  const { port, held } = await holdPort('127.0.0.1')
  const early = await wire(t, port)
  assert.equal(await early.closed(), '')
  const server = http.createServer((_req, res) => res.end('served'))
  t.after(() => server.close())
  assert.equal(await listen(server, port, '127.0.0.1', held), port)
  assert.equal((await ask(port, request('GET /'))).body, 'served')
})

test('a server that held its port first frees it when it closes', async () => {
  const { port, held } = await holdPort('127.0.0.1')
  const server = http.createServer()
  await listen(server, port, '127.0.0.1', held)
  await new Promise(resolve => server.close(resolve))
  const next = http.createServer()
  assert.equal(await listen(next, port, '127.0.0.1'), port)
  next.close()
})
