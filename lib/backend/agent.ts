import http from 'node:http'
import type { Duplex } from 'node:stream'
import { setTimeout as sleep } from 'node:timers/promises'
import type { AddressCache } from './address-cache.ts'
import type { Connection } from './connect.ts'
import { agentsByChoice, type ConnectionChoice, chooseIdle } from './connection-choice.ts'
import type { Asker, Dialler } from './dial.ts'
import type { Expectations } from './expectation.ts'
import { holdsReads } from './paced-reads.ts'
import { createPollBarrier } from './poll-barrier.ts'
import { BUSY, createPooled, type PoolState } from './pooled.ts'
import { createSilence } from './silence.ts'
import { createSpareConnections, type SpareConnections } from './spare-connections.ts'

/** Below the 60 s after which an ALB closes an idle connection, so that the pool closes first. */
const IDLE_MS = 50_000
/** A connection is replaced after this age and up to a quarter more, so that load follows to new addresses. */
const MAX_AGE_MS = 60_000
const MAX_IDLE_CONNECTIONS = 256
/** A silent resolver holds a request that is retried up no longer than this. */
const REFRESH_MS = 20
/** A connection that requests without 100 Continue have used up is kept only below so many idle ones at its address. */
const KEPT_AFTER_USE = 8

type Dialling = http.ClientRequestArgs & { choice: ConnectionChoice; request: http.ClientRequest | undefined }

/**
 * The pool: Node's own keep-alive agent, whose connections come from the dialler and follow the address cache.
 * A dial that fails reaches the request as its error, before a byte was sent.
 */
export class BackendAgent extends http.Agent {
  readonly expectations: Expectations
  readonly silence = createSilence()
  readonly #cache: AddressCache
  readonly #dialler: Dialler
  readonly #spares: SpareConnections
  readonly #pooled = createPooled(() => Object.values(this.freeSockets).flatMap(each => each ?? []))
  readonly #known: Parameters<typeof chooseIdle>[2]
  readonly #barrier = createPollBarrier()
  #dialling = 0
  readonly #agents: Readonly<Record<ConnectionChoice, http.Agent>>

  constructor(protocol: string, cache: AddressCache, dialler: Dialler, expectations: Expectations) {
    // `protocol` is checked by https.request; an https.Agent's own TLS is not used, since the dialler verifies
    const origin = { keepAlive: true, protocol, defaultPort: protocol === 'https:' ? 443 : 80 }
    super({ ...origin, maxFreeSockets: MAX_IDLE_CONNECTIONS, timeout: IDLE_MS })
    // no `timeout`: of a request's own agent Node would read it, listen to the socket for each request, and set its timer anew
    this.#agents = agentsByChoice(origin, (request, options, choice) => this.#add(request, options, choice))
    this.expectations = expectations
    this.#known = { of: this.#pooled.of, silence: this.silence, expectations }
    this.#cache = cache
    this.#dialler = dialler
    const isGood = (address: string) => this.#isCurrent(address) && !this.silence.isSilent(address)
    const onDrop = (address: string) => this.#forgetUnconnected(address)
    this.#spares = createSpareConnections({ dial: () => dialler.dial(), isGood, onDrop })
  }

  /** Its pool is one list: by host and port, as Node has it, a request that says no port would have a list of its own. */
  override getName(): string {
    return 'origin'
  }

  /** The pool, for http.request, restricted to the connections of that choice. Of the pool itself Node would take any connection. */
  agentFor(choice: ConnectionChoice): http.Agent {
    return this.#agents[choice]
  }

  /** Node's addRequest takes the last of the free ones, which the chosen one has become; createSocket takes none of them. */
  #add(request: http.ClientRequest, options: http.ClientRequestArgs, choice: ConnectionChoice) {
    const chosen = chooseIdle(choice, this.freeSockets, this.#known, this.#dialling)
    if (chosen) return void Reflect.apply(nodesAddRequest, this, [request, options])
    const onSocket = (error: Error | null, socket?: Duplex) =>
      Reflect.apply(request.onSocket, request, [socket, error])
    Reflect.apply(nodesCreateSocket, this, [request, { ...options, choice, request }, onSocket])
  }

  override createConnection(
    options: Dialling,
    callback: (error: Error | null, socket: Duplex) => void,
  ): undefined {
    const { choice, request } = options
    // Node keeps the options for as long as the connection
    options.request = undefined
    // Node tells nobody of the end of a request that has no connection yet
    const hasLeft = () => request?.destroyed === true
    /** One that has come free, at an address that is not silent, in place of a new one. */
    const reuse = (): 'reused' | undefined => {
      if (!request || hasLeft() || !chooseIdle(choice, this.freeSockets, this.#known, 0)) return undefined
      Reflect.apply(nodesAddRequest, this, [request, options])
      return 'reused'
    }
    const mayReuse = choice === 'any' || choice === 'expect-continue'
    this.#connect({ choice, reuse: mayReuse ? reuse : undefined, hasLeft }).then(
      connection => {
        if (connection === 'reused') return
        this.#take(connection, hasLeft() ? 'any' : choice)
        callback(null, connection.socket)
      },
      // Node's own callback takes an error alone; its type wants a socket beside it
      (error: Error) => Reflect.apply(callback, undefined, [error]),
    )
  }

  /** A function of its own: its listener stays with the connection, which may become a tunnel, and would keep the request in memory. */
  #take(connection: Connection, choice: ConnectionChoice) {
    const { address, tlsMs } = connection
    const retireAt = performance.now() + MAX_AGE_MS * (1 + Math.random() / 4)
    const { isProven, isUnproven } = this.expectations
    const leavesDemand = choice === 'unused' || (choice === 'expect-continue' && isUnproven(address))
    const pooled = { connection, retireAt, idleSince: BUSY, leavesDemand }
    this.#pooled.add(pooled, () => this.#forgetUnconnected(address))
    if (tlsMs !== undefined) return
    // it replaces an idle one: a server with a worker for each connection (Apache's prefork) has none for it until one closes
    if (choice === 'unused' || (choice === 'expect-continue' && !isProven(address)))
      this.#pooled.resetLongestIdle(address, 0)
    this.#pooled.closeSurplus(pooled)
  }

  async #connect(asker: Asker<'reused'>): Promise<Connection | 'reused'> {
    if (asker.choice !== 'new' && this.#spares.counts().size > 0) {
      await this.#barrier.passed()
      const { isProven, isUnproven } = this.expectations
      // only what a proven address is asked over a spare connection can be retried where its machine has gone; while it is unknown, a dial finds that
      const mayUse = (address: string) => isProven(address) || isUnproven(address)
      const spare = this.#spares.take(asker.choice === 'expect-continue' ? mayUse : () => true)
      if (spare) return spare
    }
    this.#dialling++
    try {
      const connection = await this.#dialler.dial(asker)
      if (connection !== 'reused') this.silence.heard(connection.address)
      return connection
    } finally {
      this.#dialling--
    }
  }

  /** A connection to it has closed. An unused one, too, leads to the server that has proven itself. */
  #forgetUnconnected(address: string) {
    if (this.#spares.counts().has(address) || this.#pooled.has(address)) return
    this.expectations.forget(address)
    this.silence.forget(address)
  }

  /** Whether a connection whose response is complete goes back into the pool. */
  override keepSocketAlive(socket: Duplex): boolean {
    const pooled = this.#pooled.of(socket)
    if (!pooled || holdsReads(socket) || performance.now() > pooled.retireAt) return false
    if (!this.#isCurrent(pooled.connection.address)) return false
    // its type says void; Node's own answers whether the connection may be kept
    const mayKeep: unknown = super.keepSocketAlive(socket)
    if (mayKeep !== true) return false
    if (pooled.leavesDemand) {
      const { address, tlsMs } = pooled.connection
      pooled.leavesDemand = false
      this.addSpare(socket)
      if (this.#pooled.idle(address) >= KEPT_AFTER_USE) {
        if (tlsMs !== undefined) return false
        // reset the longest idle one, not this one: a close would leave its port in TIME_WAIT, and a reset could take the rest of the request from an
        // API that answered early
        this.#pooled.resetLongestIdle(address, 0)
      }
    }
    pooled.idleSince = performance.now()
    // when Node's agent has put it among the idle ones
    if (this.#dialling > 0) process.nextTick(() => this.#dialler.offer())
    return true
  }

  /** Node calls it where a request gets an idle connection. */
  override reuseSocket(socket: Duplex, request: http.ClientRequest) {
    const pooled = this.#pooled.of(socket)
    if (pooled) pooled.idleSince = BUSY
    super.reuseSocket(socket, request)
  }

  /** Call before a request. Resolves when the pool knows of every connection that the backend has closed by now, also where only the kernel knew. */
  caughtUp(): Promise<void> {
    return this.#barrier.passed()
  }

  /** The connection that a request was sent over, while it is open. */
  connectionOf(socket: Duplex | null): Connection | undefined {
    return socket ? this.#pooled.of(socket)?.connection : undefined
  }

  /** A request has used up its connection: the next one shall find a spare one. */
  addSpare(socket: Duplex | null) {
    const { address, tlsMs } = this.connectionOf(socket) ?? {}
    // only over TLS: without it an unused connection saves one round trip, and occupies a worker of a server with few
    if (address !== undefined && tlsMs !== undefined) void this.#spares.replenish(address)
  }

  /** A login has met silence there: it is tried last, and DNS is asked whether there are others. */
  async suspect(address: string): Promise<void> {
    this.silence.suspect(address)
    this.#dialler.demote(address, 'silent')
    await Promise.race([this.#cache.refresh(), sleep(REFRESH_MS, undefined, { ref: false })])
  }

  /** It has closed a connection in place of an answer: it is tried last, also by the retry. */
  demote(address: string, why: 'closes' | 'broke off') {
    this.#dialler.demote(address, why)
  }

  /** Something came from there, over a connection that had carried no request before, or over another one. */
  answered(address: string, isNew: boolean) {
    this.silence.answered(address)
    this.#dialler.answered(address, isNew)
  }

  /**
   * A request got no answer there. If no other request got one since, the machine is probably gone: its idle connections are closed, and it is tried
   * last. One page that hangs, or a stream without events, does not make an address silent.
   * @param since when the request was sent, on performance.now()'s clock
   */
  giveUpOn(address: string, since: number) {
    if (this.silence.answeredAt(address) > since) return
    this.#dialler.demote(address, 'silent')
    this.closeIdle([address])
  }

  /**
   * Closes the idle connections to these addresses, and the unused ones.
   * @returns how many were closed, and how many are left that are busy
   */
  closeIdle(addresses: readonly string[]): { closed: number; busy: number } {
    const { closed, busy } = this.#pooled.closeIdle(addresses)
    return { closed: closed + this.#spares.closeAt(addresses), busy }
  }

  override destroy() {
    this.#barrier.close()
    this.#spares.destroy()
    super.destroy()
  }

  state(): PoolState {
    return this.#pooled.state(this.#spares.counts())
  }

  #isCurrent(address: string): boolean {
    const { listed, missing } = this.#cache.addresses
    return listed.includes(address) || missing.includes(address)
  }
}

/** Node's types do not have them. */
const nodesAddRequest: (...args: never) => unknown = Reflect.get(http.Agent.prototype, 'addRequest')
const nodesCreateSocket: (...args: never) => unknown = Reflect.get(http.Agent.prototype, 'createSocket')
