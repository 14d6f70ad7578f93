import assert from 'node:assert/strict'
import { once } from 'node:events'
import net from 'node:net'
import test from 'node:test'
import { setImmediate } from 'node:timers/promises'
import { Worker } from 'node:worker_threads'
import { listening } from '../../test/listening.ts'
import { createPollBarrier } from './poll-barrier.ts'

/** Sends over one connection; when `done[1]` is set, wakes the other thread's event loop and ends a second connection; sets `done[0]`. */
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
  Atomics.wait(done, 1, 0)
  parentPort.postMessage('wake up')
  await new Promise(resolve => idle.end(resolve))
  Atomics.store(done, 0, 1)
  Atomics.notify(done, 0)
})()
`

/** Lets the peer do the rest while this thread reads nothing. */
function waitFor(done: Int32Array) {
  Atomics.store(done, 1, 1)
  Atomics.notify(done, 1)
  Atomics.wait(done, 0, 0)
}

for (const [when, isReading] of [
  ['before this round of reading', false],
  ['while this round of reading goes on', true],
] as const)
  test(`a close that comes behind another thread's wake-up, ${when}, is read before the barrier is passed`, async t => {
    const sockets = new Map<string, net.Socket>()
    const named = Promise.withResolvers<void>()
    const server = net.createServer(socket =>
      socket.once('data', name => {
        sockets.set(String(name), socket)
        if (sockets.size === 2) named.resolve()
      }),
    )
    const port = await listening(t, server)
    const done = new Int32Array(new SharedArrayBuffer(8))
    const peer = new Worker(PEER, { eval: true, workerData: { port, done } })
    const barrier = createPollBarrier()
    t.after(async () => {
      barrier.close()
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
    const asked = once(asking, 'data').then(() => {
      if (isReading) waitFor(done)
      return barrier.passed()
    })
    // epoll asks again about what it has reported, and in the same order
    await setImmediate()
    await setImmediate()
    peer.postMessage('begin')
    if (!isReading) waitFor(done)
    await asked
    assert.equal(ended, true)
  })
