import assert from 'node:assert/strict'
import { once } from 'node:events'
import net from 'node:net'
import test from 'node:test'
import { setImmediate } from 'node:timers/promises'
import { Worker } from 'node:worker_threads'
import { listening } from '../../test/listening.ts'
import { createTurn } from './turn.ts'

/** Sends over one connection, wakes the other thread's event loop, and ends a second connection: in this order. */
const PEER = `
const net = require('node:net')
const { once } = require('node:events')
const { parentPort, workerData: { port, done } } = require('node:worker_threads')
void (async () => {
  const [asking, idle] = [net.connect(port, '127.0.0.1'), net.connect(port, '127.0.0.1')]
  await Promise.all([once(asking, 'connect'), once(idle, 'connect')])
  asking.write('asking')
  idle.write('idle')
  await once(parentPort, 'message')
  await new Promise(resolve => asking.write('request', resolve))
  parentPort.postMessage('wake up')
  await new Promise(resolve => idle.end(resolve))
  Atomics.store(done, 0, 1)
  Atomics.notify(done, 0)
})()
`

test('a close that had come is read before the next turn, also where another thread wakes the event loop between', async t => {
  const sockets = new Map<string, net.Socket>()
  const named = Promise.withResolvers<void>()
  const server = net.createServer(socket =>
    socket.once('data', name => {
      sockets.set(String(name), socket)
      if (sockets.size === 2) named.resolve()
    }),
  )
  const port = await listening(t, server)
  const done = new Int32Array(new SharedArrayBuffer(4))
  const peer = new Worker(PEER, { eval: true, workerData: { port, done } })
  const turn = createTurn()
  t.after(async () => {
    turn.close()
    await peer.terminate()
  })
  // its messages wake this thread's event loop
  peer.on('message', () => {})
  await named.promise
  const [asking, idle] = [sockets.get('asking'), sockets.get('idle')]
  assert.ok(asking && idle)
  idle.resume()
  let ended = false
  idle.once('end', () => {
    ended = true
  })
  const asked = once(asking, 'data').then(() => turn.next())
  // epoll asks again about what it has reported, and in the same order
  await setImmediate()
  await setImmediate()
  peer.postMessage('begin')
  // all three are there when this thread reads again
  Atomics.wait(done, 0, 0)
  await asked
  assert.equal(ended, true)
})
