import assert from 'node:assert/strict'
import { once } from 'node:events'
import http, { type ServerResponse } from 'node:http'
import net from 'node:net'
import { test } from 'node:test'
import { joinWrites } from './join-writes.ts'

const HEAD_OF_GZIP = Buffer.alloc(10, 'h')

/** What a client reads of an answer, read by read, and the end of waiting for it. */
async function ask(t: { after(end: () => void): void }, answer: (res: ServerResponse) => void) {
  const server = http.createServer((_req, res) => {
    joinWrites(res)
    answer(res)
  })
  await once(server.listen(0, '127.0.0.1'), 'listening')
  const bound = server.address()
  const socket = net.connect(typeof bound === 'object' && bound ? bound.port : 0, '127.0.0.1')
  t.after(() => {
    socket.destroy()
    server.close()
  })
  socket.write('GET / HTTP/1.1\r\nHost: a\r\n\r\n')
  return socket
}

test('the head of gzip leaves with the rest and the end, where these come turns later', async t => {
  const socket = await ask(t, res => {
    res.write(HEAD_OF_GZIP)
    setImmediate(setImmediate, () => {
      res.write('rest')
      process.nextTick(() => res.end())
    })
  })
  const [first] = await once(socket, 'data')
  assert.match(String(first), /\r\n\r\na\r\nhhhhhhhhhh\r\n4\r\nrest\r\n0\r\n\r\n$/)
})

test('a first piece leaves by itself where nothing follows', async t => {
  const socket = await ask(t, res => void res.write(HEAD_OF_GZIP))
  const [first] = await once(socket, 'data')
  assert.match(String(first), /\r\n\r\na\r\nhhhhhhhhhh\r\n$/)
})
