import { once } from 'node:events'
import net from 'node:net'
import { setImmediate } from 'node:timers/promises'
import { Worker } from 'node:worker_threads'
import { listen, type Node, type NodeListener } from './node.ts'

/** Nothing listens: a connect is refused. */
export function refuse(port: number): NodeListener {
  return listenerAt(port, async () => {})
}

/** Accepts, and resets at once. */
export async function reset(node: Node, port: number): Promise<NodeListener> {
  const server = net.createServer(socket => socket.resetAndDestroy())
  const listener = await listen(server, node, port)
  return listenerAt(listener.port, listener.kill)
}

/** Accepts, and never says a byte: TLS does not get its ServerHello. */
export async function hang(node: Node, port: number): Promise<NodeListener> {
  const server = net.createServer(socket => socket.resume())
  const listener = await listen(server, node, port)
  return listenerAt(listener.port, listener.kill)
}

// The listener never accepts, because its thread sleeps: once the accept queue is full, the kernel drops each SYN.
const SLEEPING_LISTENER = `
  const { createServer } = require('node:net')
  const { workerData, parentPort } = require('node:worker_threads')
  const server = createServer()
  server.on('error', error => { throw error })
  server.listen({ ...workerData, backlog: 1 }, () => {
    parentPort.postMessage(server.address().port)
    setImmediate(() => Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0))
  })
`
const QUEUE_LIMIT = 16
const SEEN_DROPPED = 100 // ms; on loopback a connect takes far less than one

/** SYNs are dropped, as at an address that nobody has: a connect hangs. Throws where this cannot be had. */
export async function drop(node: Node, wanted: number): Promise<NodeListener> {
  const worker = new Worker(SLEEPING_LISTENER, {
    eval: true,
    workerData: { host: node.address, port: wanted },
  })
  const [port]: number[] = await once(worker, 'message')
  const queued: net.Socket[] = []
  const gone = async () => {
    for (const socket of queued) socket.destroy()
    await worker.terminate()
  }
  for (let i = 0; i < QUEUE_LIMIT; i++) {
    const socket = net.connect(port ?? wanted, node.address)
    socket.on('error', () => {})
    queued.push(socket)
    if (await hangs(socket)) {
      socket.destroy()
      return listenerAt(port ?? wanted, gone)
    }
  }
  await gone()
  throw new Error(
    `${node.address} still accepts after ${QUEUE_LIMIT} connections: SYNs cannot be dropped here`,
  )
}

async function hangs(socket: net.Socket): Promise<boolean> {
  const timer = AbortSignal.timeout(SEEN_DROPPED)
  await Promise.race([once(socket, 'connect', { signal: timer }), once(socket, 'close')]).catch(() => {})
  // A busy event loop sees the timer first, then what the kernel had ready: one more turn before judging.
  await setImmediate()
  return socket.connecting
}

function listenerAt(port: number, kill: () => Promise<void>): NodeListener {
  return { port, kill, stop: kill, freeze() {}, closeIdle() {}, keepAlive() {} }
}
