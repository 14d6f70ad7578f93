import http from 'node:http'
import type { Duplex } from 'node:stream'
import { MessageChannel } from 'node:worker_threads'
import type { AddressCache } from './address-cache.ts'
import type { Connection } from './connect.ts'
import type { Dialler } from './dial.ts'

/** Below the 60 s after which an ALB closes an idle connection, so that the pool closes first. */
const IDLE_MS = 50_000
/** A connection is replaced after this age and up to a quarter more, so that load follows to new addresses. */
const MAX_AGE_MS = 60_000
const MAX_IDLE_CONNECTIONS = 256

type Pooled = { readonly connection: Connection; readonly retireAt: number }

export type PoolState = { [address: string]: { idle: number; busy: number } }

/**
 * The pool: Node's own keep-alive agent, whose connections come from the dialler and follow the address cache.
 * A dial that fails reaches the request as its error, before a byte was sent.
 */
export class BackendAgent extends http.Agent {
  /** Dials for each request; for one that the pool's connections have failed. */
  readonly fresh: http.Agent
  readonly #cache: AddressCache
  readonly #dialler: Dialler
  readonly #pooled = new Map<Duplex, Pooled>()
  readonly #turn = createTurn()

  constructor(protocol: string, cache: AddressCache, dialler: Dialler) {
    // `protocol` is checked by https.request; an https.Agent's own TLS is not used, since the dialler verifies
    super({ keepAlive: true, maxFreeSockets: MAX_IDLE_CONNECTIONS, timeout: IDLE_MS })
    const defaultPort = protocol === 'https:' ? 443 : 80
    Object.assign(this, { protocol, defaultPort })
    this.fresh = new http.Agent()
    const createConnection = this.createConnection.bind(this)
    Object.assign(this.fresh, { protocol, defaultPort, createConnection })
    this.#cache = cache
    this.#dialler = dialler
    cache.changes.on('departed', addresses => this.closeIdle(addresses))
  }

  override createConnection(
    _options: http.ClientRequestArgs,
    callback: (error: Error | null, socket: Duplex) => void = () => {},
  ): undefined {
    this.#dialler.dial().then(
      connection => {
        const retireAt = performance.now() + MAX_AGE_MS * (1 + Math.random() / 4)
        this.#pooled.set(connection.socket, { connection, retireAt })
        connection.socket.once('close', () => this.#pooled.delete(connection.socket))
        callback(null, connection.socket)
      },
      // Node's own callback takes an error alone; its type wants a socket beside it
      (error: Error) => Reflect.apply(callback, undefined, [error]),
    )
  }

  /** Whether a connection whose response is complete goes back into the pool. */
  override keepSocketAlive(socket: Duplex): boolean {
    const pooled = this.#pooled.get(socket)
    if (!pooled || performance.now() > pooled.retireAt || !this.#isCurrent(pooled.connection.address))
      return false
    // its type says void; Node's own answers whether the connection may be kept
    const mayKeep: unknown = super.keepSocketAlive(socket)
    if (mayKeep !== true) return false
    // what comes over an idle connection answers nothing; the rest of it would be taken for the next answer
    socket.on('data', dropThis)
    return true
  }

  override reuseSocket(socket: Duplex, request: http.ClientRequest): void {
    socket.off('data', dropThis)
    super.reuseSocket(socket, request)
  }

  /**
   * Call before a request: takes out of the pool what the backend has closed by now. Node's agent hands such a
   * connection out until its `close` (nodejs/node#47130), and what only the kernel knows takes a turn of the event loop.
   */
  async removeClosed(): Promise<void> {
    await this.#turn.next()
    for (const socket of this.#idle()) if (socket.destroyed || socket.readableEnded) drop(socket)
  }

  /** The connection that a request was sent over, while it is open. */
  connectionOf(socket: Duplex | null): Connection | undefined {
    return socket ? this.#pooled.get(socket)?.connection : undefined
  }

  /** Closes the idle connections to these addresses: departed ones, or one that went silent. */
  closeIdle(addresses: readonly string[]) {
    for (const socket of this.#idle()) {
      const address = this.connectionOf(socket)?.address ?? ''
      if (addresses.includes(address)) drop(socket)
    }
  }

  override destroy() {
    this.#turn.close()
    this.fresh.destroy()
    super.destroy()
  }

  state(): PoolState {
    const idle = new Set(this.#idle())
    const state: PoolState = {}
    for (const [socket, { connection }] of this.#pooled) {
      const counts = state[connection.address] ?? { idle: 0, busy: 0 }
      counts[idle.has(socket) ? 'idle' : 'busy']++
      state[connection.address] = counts
    }
    return state
  }

  #idle(): Duplex[] {
    return Object.values(this.freeSockets).flatMap(sockets => sockets ?? [])
  }

  #isCurrent(address: string): boolean {
    const { listed, missing } = this.#cache.addresses
    return listed.includes(address) || missing.includes(address)
  }
}

/**
 * `next` resolves when what the kernel had before has been read: it goes through the kernel itself, which reports in
 * order, but for a wake-up that was under way already. Not setImmediate: what is written there is known to be written only after the next round of reading, and httpxy
 * takes an answer that comes in it for an early one and drops the connection (a TLS handshake a request, measured).
 */
function createTurn() {
  const { port1, port2 } = new MessageChannel()
  let waiting: (() => void)[] = []
  /** came while a message was on its way already, which what they wait for may be behind */
  let late: (() => void)[] = []
  port1.on('message', () => {
    const all = waiting
    waiting = late
    late = []
    if (waiting.length > 0) port2.postMessage(null)
    for (const resolve of all) resolve()
  })
  port1.unref()
  return {
    next: () =>
      new Promise<void>(resolve => {
        if (waiting.length > 0) return void late.push(resolve)
        waiting.push(resolve)
        port2.postMessage(null)
      }),
    close: () => port1.close(),
  }
}

function dropThis(this: Duplex) {
  drop(this)
}

function drop(socket: Duplex) {
  socket.destroy()
  // or the next request could still get it: Node's agent forgets a destroyed socket with its `close` alone
  socket.emit('agentRemove')
}
