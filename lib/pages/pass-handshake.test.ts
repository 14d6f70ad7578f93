import assert from 'node:assert/strict'
import http, { ServerResponse } from 'node:http'
import { Socket } from 'node:net'
import { test } from 'node:test'
import { shake } from '../../test/handshakes.ts'
import { listening } from '../../test/listening.ts'
import { wire } from '../../test/raw.ts'
import type { RequestRecord } from '../observe/outcome.ts'
import { passHandshake } from './pass-handshake.ts'

test('a page that breaks off its answer to a handshake is no client that left', async t => {
  const pages = http.createServer().on('upgrade', (_req, socket) => {
    socket.end('HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n5\r\nbegun\r\n')
  })
  const port = await listening(t, pages)
  const record: RequestRecord = { route: 'page' }
  const front = http.createServer().on('upgrade', (req, socket, head) => {
    assert.ok(socket instanceof Socket)
    const res = new ServerResponse(req)
    res.assignSocket(socket)
    void passHandshake(port, req, { socket, head, res }, 65_536, record)
  })
  const client = await wire(t, await listening(t, front))
  client.send(shake('/'))
  await client.closed()
  assert.equal(record.code, 'PAGE_BROKE_OFF')
})
