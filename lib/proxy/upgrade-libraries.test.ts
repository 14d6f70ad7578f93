import assert from 'node:assert/strict'
import { once } from 'node:events'
import http from 'node:http'
import { type TestContext, test } from 'node:test'
import { Server } from 'socket.io'
import { io } from 'socket.io-client'
import { WebSocket, WebSocketServer } from 'ws'
import { eventually } from '../../test/raw.ts'
import { stage } from '../../test/stage.ts'
import { listen } from '../front/listen.ts'

/** A front before an API on plain HTTP, at which `attach` sets up a library's server. */
async function before(t: TestContext, attach: (server: http.Server) => () => void) {
  const server = http.createServer()
  const close = attach(server)
  const port = await listen(server, 0, '127.0.0.1')
  t.after(() => {
    close()
    server.closeAllConnections()
    server.close()
  })
  const api = `http://127.0.0.1:${port}`
  return stage(t, {
    config: to => ({
      routes: [
        { path: '/user/login', to },
        { path: '/live/', to: `${api}/v1/` },
        { path: '/socket.io/', to: api },
      ],
    }),
  })
}

test('ws talks to ws: text, compressed and large messages, pings, and the code of a close', async t => {
  const front = await before(t, server => {
    const sockets = new WebSocketServer({ server, path: '/v1/chat', perMessageDeflate: true })
    sockets.on('connection', socket => {
      socket.on('message', (data, isBinary) => socket.send(data, { binary: isBinary }))
    })
    return () => {
      for (const each of sockets.clients) each.terminate()
      sockets.close()
    }
  })
  const client = new WebSocket(`${front.url.replace('http', 'ws')}/live/chat`, { perMessageDeflate: true })
  t.after(() => client.terminate())
  await once(client, 'open')
  for (const message of ['hello', '表'.repeat(10_000), 'x'.repeat(3_000_000)]) {
    client.send(message)
    const [data] = await once(client, 'message')
    assert.equal(String(data), message)
  }
  client.ping('still there')
  const [pong] = await once(client, 'pong')
  assert.equal(String(pong), 'still there')
  client.close(4001, 'done')
  const [code] = await once(client, 'close')
  assert.equal(code, 4001)
})

test('socket.io begins by polling and goes on by WebSocket', async t => {
  const front = await before(t, server => {
    const sockets = new Server(server)
    sockets.on('connection', socket => {
      socket.on('ask', (word: string, answer: (text: string) => void) => answer(`${word}!`))
    })
    return () => void sockets.close()
  })
  const client = io(front.url, { reconnection: false })
  t.after(() => void client.close())
  await new Promise((resolve, reject) =>
    client.once('connect', () => resolve(undefined)).once('connect_error', reject),
  )
  assert.equal(await client.timeout(5000).emitWithAck('ask', 'hi'), 'hi!')
  await eventually(() => client.io.engine.transport.name === 'websocket')
  assert.equal(await client.timeout(5000).emitWithAck('ask', 'again'), 'again!')
})
