import http from 'node:http'
import type { Duplex } from 'node:stream'
import type { AddressBook } from './addresses.ts'
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
 * The pool: Node's own keep-alive agent, whose connections come from the dialler and follow the address book.
 * A dial that fails reaches the request as its error, before a byte was sent.
 */
export class BackendAgent extends http.Agent {
  readonly #book: AddressBook
  readonly #dialler: Dialler
  readonly #pooled = new Map<Duplex, Pooled>()
  readonly #roundTrips = new Map<string, number>()

  constructor(protocol: string, book: AddressBook, dialler: Dialler) {
    // `protocol` is checked by https.request; an https.Agent's own TLS is not used, since the dialler verifies
    super({ keepAlive: true, maxFreeSockets: MAX_IDLE_CONNECTIONS, timeout: IDLE_MS })
    Object.assign(this, { protocol, defaultPort: protocol === 'https:' ? 443 : 80 })
    this.#book = book
    this.#dialler = dialler
    book.changes.on('departed', addresses => {
      this.#closeIdle(addresses)
      // the address may be another machine's next time
      for (const address of addresses) this.#roundTrips.delete(address)
    })
  }

  override createConnection(
    _options: http.ClientRequestArgs,
    callback: (error: Error | null, socket: Duplex) => void = () => {},
  ): undefined {
    this.#dialler.dial().then(
      connection => {
        const retireAt = performance.now() + MAX_AGE_MS * (1 + Math.random() / 4)
        this.#pooled.set(connection.socket, { connection, retireAt })
        this.#roundTrips.set(
          connection.address,
          Math.min(connection.connectMs, this.roundTripMs(connection.address) ?? connection.connectMs),
        )
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
    return Boolean(super.keepSocketAlive(socket))
  }

  /** The connection that a request was sent over, while it is open. */
  connectionOf(socket: Duplex | null): Connection | undefined {
    return socket ? this.#pooled.get(socket)?.connection : undefined
  }

  /** The lowest time that a TCP connect to this address took, in ms: its round trip, as far as it is known. */
  roundTripMs(address: string): number | undefined {
    return this.#roundTrips.get(address)
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
    const { listed, missing } = this.#book.addresses
    return listed.includes(address) || missing.includes(address)
  }

  #closeIdle(addresses: readonly string[]) {
    for (const socket of this.#idle()) {
      const address = this.connectionOf(socket)?.address
      if (address !== undefined && addresses.includes(address)) socket.destroy()
    }
  }
}
