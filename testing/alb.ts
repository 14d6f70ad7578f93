import type http from 'node:http'
import type { Authority } from './certificates.ts'
import type { DnsServer } from './dns.ts'
import * as faults from './faults.ts'
import { findLoopback, type Loopback } from './loopback.ts'
import { type Certificate, type Node, type NodeListener, serve, type UpgradeListener } from './node.ts'

export type { Node } from './node.ts'

/**
 * refuse: nothing listens. reset: accepts, then resets at once. drop: SYNs are dropped. vanish: that, and open connections
 * are silent instead of reset. hang: accepts, TLS is never answered. silent: TLS completes, requests are never answered.
 * wrong-certificate: a valid one, for another name.
 */
export type Fault = 'refuse' | 'reset' | 'drop' | 'vanish' | 'hang' | 'silent' | 'wrong-certificate'

export type Alb = {
  name: string
  port: number
  /** `https://api.dev.jp:41234`, or http without an authority. */
  origin: string
  /** Those that exist, listed or not, faulty ones too; a stopped or killed one does not. */
  nodes: ReadonlyMap<string, Node>
  /** What DNS says. */
  listed: readonly string[]
  loopback: Loopback
  /** New nodes at fresh addresses, serving and listed. */
  add(count?: number): Promise<string[]>
  /** A node that serves and is not listed (unless DNS lists its address already); at a fresh address if none is given. */
  start(address?: string): Promise<string>
  /** Exactly what DNS says from now on. */
  list(addresses: string[]): void
  /** Out of DNS; still serves. */
  drain(address: string): void
  /** Listener gone, idle connections closed; resolves when what was in flight is answered. DNS stays as it is. */
  stop(address: string): Promise<void>
  /** At once: listener gone, every connection reset. DNS stays as it is. */
  kill(address: string): void
  /** Puts a fault at an address, in place of what is there. */
  fault(address: string, how: Fault): Promise<void>
  /** Serves at the address with a valid certificate for another name, in place of what is there. */
  certify(address: string, name: string): Promise<void>
  /** Serves normally at the address, in place of what is there. */
  heal(address: string): Promise<void>
  /** Every node closes its idle connections now. */
  closeIdle(): void
  /** Milliseconds; a connection's timer takes it up after its next response. 60,000 at first, as an ALB's. */
  keepAliveTimeout: number
  /** Kills every node; never waits for a client. */
  close(): Promise<void>
}

export type AlbOptions = {
  /** Called for each request at a served node; the node is `request.socket.localAddress`. */
  handler: http.RequestListener
  /** Called for each WebSocket's handshake; without one it is a request like any other. */
  upgrade?: UpgradeListener
  dns: DnsServer
  /** `api.dev.jp` if left out. */
  name?: string
  /** Plain http if left out. */
  authority?: Authority
  /** Of the DNS answers, in seconds. */
  ttl?: number
  /** Nodes to begin with, 1 if left out. */
  count?: number
  /** The loopback addresses that nodes may have; what the machine has if left out. */
  addresses?: readonly string[]
  /** The port that they share, any free one if left out. */
  port?: number
}

/** An ALB: nodes on loopback addresses that share one port, and a name in DNS that lists them. */
export async function startAlb(options: AlbOptions): Promise<Alb> {
  const { dns, authority, handler, upgrade, name = 'api.dev.jp' } = options
  const loopback = await findLoopback(options.addresses)
  const certificate = await authority?.issue([name])
  const known = new Map<string, Node>() // every node there ever was: its counts go on when it comes back
  const nodes = new Map<string, Node>()
  const nodeListeners = new Map<string, NodeListener>()
  const vanished = new Map<string, NodeListener>() // its open connections are silent
  const ending = new Map<string, Promise<unknown>>() // killed, and the port not free yet
  let listed: readonly string[] = []
  let port = options.port ?? 0
  let keepAliveTimeout = 60_000

  function list(addresses: string[]) {
    listed = [...addresses]
    dns.list(name, addresses, options.ttl)
  }

  function kill(address: string) {
    const listeners = [nodeListeners.get(address), vanished.get(address)]
    nodeListeners.delete(address)
    vanished.delete(address)
    nodes.delete(address)
    const ends = listeners.map(each => each?.kill())
    if (ends.some(each => each)) ending.set(address, Promise.all(ends))
  }

  async function place(address: string, build: (node: Node) => NodeListener | Promise<NodeListener>) {
    kill(address)
    await ending.get(address)
    const node = known.get(address) ?? { address, connections: 0, accepted: 0, requests: 0 }
    const nodeListener = await build(node)
    port = nodeListener.port
    known.set(address, node)
    nodes.set(address, node)
    nodeListeners.set(address, nodeListener)
  }

  const serving = (certificate: Certificate | undefined, handler: http.RequestListener) => (node: Node) =>
    serve(node, { port, handler, upgrade, certificate, keepAliveTimeout })

  async function start(wanted?: string): Promise<string> {
    if (wanted && nodeListeners.has(wanted))
      throw new Error(`${wanted} has a node already; heal() replaces it`)
    for (let attempt = 1; ; attempt++) {
      const address =
        wanted ??
        loopback.fresh(
          address =>
            known.has(address) && (loopback.size === Number.POSITIVE_INFINITY || nodeListeners.has(address)),
        )
      try {
        await place(address, serving(certificate, handler))
        return address
      } catch (error) {
        // Another process has this port there: another address, unless it is the caller's wish.
        if (wanted || attempt === 5) throw error
      }
    }
  }

  const alb: Alb = {
    name,
    nodes,
    loopback,
    start,
    list,
    kill,
    get port() {
      return port
    },
    get origin() {
      return `${authority ? 'https' : 'http'}://${name}:${port}`
    },
    get listed() {
      return listed
    },
    get keepAliveTimeout() {
      return keepAliveTimeout
    },
    set keepAliveTimeout(timeout) {
      keepAliveTimeout = timeout
      for (const nodeListener of nodeListeners.values()) nodeListener.keepAlive(timeout)
    },
    async add(count = 1) {
      const added: string[] = []
      while (added.length < count) added.push(await start())
      list([...listed, ...added])
      return added
    },
    drain(address) {
      list(listed.filter(other => other !== address))
    },
    async stop(address) {
      const nodeListener = nodeListeners.get(address)
      await nodeListener?.stop()
      if (nodeListeners.get(address) === nodeListener) kill(address)
    },
    async fault(address, how) {
      if (how === 'vanish') return vanish(address)
      await place(address, await faulty(how))
    },
    async certify(address, name) {
      await place(address, serving(await authority?.issue([name]), handler))
    },
    async heal(address) {
      await place(address, serving(certificate, handler))
    },
    closeIdle() {
      for (const nodeListener of nodeListeners.values()) nodeListener.closeIdle()
    },
    async close() {
      for (const address of [...nodeListeners.keys(), ...vanished.keys()]) kill(address)
      await Promise.all(ending.values())
    },
  }

  async function vanish(address: string) {
    const nodeListener = nodeListeners.get(address)
    nodeListeners.delete(address)
    nodeListener?.freeze()
    await place(address, node => faults.drop(node, port))
    if (nodeListener) vanished.set(address, nodeListener)
  }

  async function faulty(
    how: Exclude<Fault, 'vanish'>,
  ): Promise<(node: Node) => NodeListener | Promise<NodeListener>> {
    switch (how) {
      case 'refuse':
        return () => faults.refuse(port)
      case 'reset':
        return node => faults.reset(node, port)
      case 'hang':
        return node => faults.hang(node, port)
      case 'drop':
        return node => faults.drop(node, port)
      case 'silent':
        return serving(certificate, () => {})
      case 'wrong-certificate': {
        if (!authority) throw new Error('Without an authority the nodes have no certificates')
        return serving(await authority.issue(['another.example']), handler)
      }
    }
  }

  try {
    await alb.add(options.count ?? 1)
  } catch (error) {
    await alb.close()
    throw error
  }
  return alb
}
