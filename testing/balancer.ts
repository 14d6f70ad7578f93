import type http from 'node:http'
import { setTimeout as sleep } from 'node:timers/promises'
import { startDemoBackend } from './backend.ts'
import type { BalancerEvent, BalancerOptions, ReplaceOptions } from './balancer-options.ts'
import { forwardTo } from './forward.ts'
import { type Seen, watchRequests } from './seen.ts'

/**
 * A load balancer on loopback: nodes that share one port, TLS with a certificate of their own authority, and one name in a DNS
 * server of its own that lists them. Where a function takes addresses, none means all that DNS lists.
 */
export type Balancer = {
  /** `https://api.dev.jp:41234` */
  readonly origin: string
  /** What DNS lists. */
  readonly addresses: readonly string[]
  /** The one account of the demo API. */
  readonly account: { readonly name: string; readonly password: string }
  /** What a front needs to reach it, as environment variables: BACKEND_ORIGIN, DNS_SERVERS, DNS_FAMILY, NODE_EXTRA_CA_CERTS. */
  readonly settings: Readonly<Record<string, string>>
  /** Further nodes serve, then DNS lists them. @returns their addresses */
  scaleOut(count?: number): Promise<string[]>
  /** Nodes leave DNS, serve on for `drainMs` (1000) and are gone. @returns their addresses */
  scaleIn(count?: number, options?: { drainMs?: number }): Promise<string[]>
  /**
   * Every node is replaced by one at another address: the old ones finish what they have begun and take nothing new, and DNS
   * says so a moment later, as after the failure of a machine. @returns the new addresses
   */
  replace(options?: ReplaceOptions): Promise<string[]>
  /** Every connection is reset, new ones are refused. DNS stays as it is. */
  kill(...addresses: string[]): Promise<void>
  /** What is under way finishes, new connections are refused. DNS stays as it is. */
  refuse(...addresses: string[]): Promise<void>
  /** New connections hang, open ones fall silent. DNS stays as it is. */
  dropPackets(...addresses: string[]): Promise<void>
  /** Requests are taken and never answered. */
  neverAnswer(...addresses: string[]): Promise<void>
  /** The nodes have a valid certificate for another name. */
  certificateOf(name: string, ...addresses: string[]): Promise<void>
  /** Each request waits so many milliseconds before the API gets it. */
  slow(ms: number): void
  /** Ends every fault; the addresses stay. */
  restore(): Promise<void>
  readonly dns: {
    /** How often it was asked, of all types. */
    readonly questions: number
    answer(): void
    silent(): void
    servfail(): void
    nxdomain(): void
    /** An answer without an address. */
    empty(): void
  }
  readonly seen: Seen
  /** What was done to it, in order. */
  readonly events: readonly BalancerEvent[]
  /** Never waits for a client. */
  close(): Promise<void>
  [Symbol.asyncDispose](): Promise<void>
}

const ALB_TTL = 60
const DNS_LAG_MS = 500
const DRAIN_MS = 1000
/** A new node may have any address where there are so many; where there are fewer, half of them are kept free for it. */
const NODES = 2

/** Starts a load balancer before the app's real API, an API of the test's own, or the demo API. */
export async function startBalancer(options: BalancerOptions = {}): Promise<Balancer> {
  const { target, api, ttl = ALB_TTL, addresses, port } = options
  let slowMs = 0
  let handler: http.RequestListener
  const { seen, handler: watched } = watchRequests(
    (request, response) => handler(request, response),
    () => slowMs,
  )
  const backend = await startDemoBackend({
    // scrypt at its usual cost would make the tests of a busy machine slow
    scryptCost: 2 ** 10,
    ttl,
    nodes: 1,
    ...(addresses && { addresses }),
    ...(port !== undefined && { port }),
    wrap(demo) {
      handler =
        target === undefined
          ? (api ?? demo)
          : forwardTo(
              target,
              () => backend.alb.origin,
              what => noteUnreached(what, target),
            )
      return watched
    },
  })
  const { alb, dns } = backend
  const { size } = alb.loopback
  const nodes = options.nodes ?? Math.max(Math.min(NODES, Math.floor(size / 2)), 1)
  try {
    await alb.add(nodes - 1)
  } catch (error) {
    await backend.close()
    throw error
  }
  const faulty = new Set<string>()
  let isDnsFaulty = false
  const events: BalancerEvent[] = []
  const note = (what: string, more: Partial<BalancerEvent> = {}) =>
    void events.push({ at: Date.now(), what, ...more })
  const noteUnreached = (what: string, unreached: string) => {
    if (events.at(-1)?.what === what) events.pop()
    note(what, { unreached })
  }
  const chosen = (some: readonly string[]) => (some.length > 0 ? some : [...alb.listed])
  const at = (some: readonly string[]) => chosen(some).join(', ')

  async function each(some: readonly string[], what: string, run: (address: string) => unknown) {
    note(`${at(some)}: ${what}`)
    await Promise.all(
      chosen(some).map(address => {
        faulty.add(address)
        return run(address)
      }),
    )
  }

  /** At fresh addresses, as many of them as there are. */
  async function startNodes(count: number): Promise<string[]> {
    const fresh: string[] = []
    const left = Math.min(count, size - alb.nodes.size)
    while (fresh.length < left) fresh.push(await alb.start())
    return fresh
  }

  async function goAway(address: string, how: 'refuse' | 'drop') {
    if (how === 'drop') await alb.fault(address, 'vanish')
    else await alb.stop(address)
  }

  const behave = (how: Parameters<typeof dns.behave>[0], what: string) => () => {
    isDnsFaulty = how !== 'answer'
    note(`DNS ${what}`)
    dns.behave(how)
  }
  const answer = behave('answer', 'answers again')

  return {
    origin: alb.origin,
    get addresses() {
      return alb.listed
    },
    account: backend.account,
    settings: backend.env,
    seen,
    events,
    async scaleOut(count = 1) {
      const fresh = await alb.add(count)
      note(`scaled out: ${fresh.join(', ')} serve, and DNS lists them`)
      return fresh
    },
    async scaleIn(count = 1, { drainMs = DRAIN_MS } = {}) {
      const old = alb.listed.slice(0, count)
      for (const address of old) alb.drain(address)
      note(`scaled in: ${old.join(', ')} left DNS, and serve on for ${drainMs} ms`)
      await sleep(drainMs)
      await Promise.all(old.map(alb.stop))
      return old
    },
    async replace({ dnsLagMs = DNS_LAG_MS, old: how = 'refuse' } = {}) {
      const old = [...alb.listed]
      const fresh = await startNodes(old.length)
      const list = fresh.length > 0 ? fresh : old
      if (dnsLagMs === 0) alb.list(list)
      const verb = how === 'drop' ? 'drop packets' : 'refuse'
      note(
        fresh.length > 0
          ? `the addresses changed: ${old.join(', ')} ${verb}; DNS lists ${fresh.join(', ')} ${dnsLagMs} ms later`
          : `${old.join(', ')} ${verb} for ${dnsLagMs} ms and come back: this machine has no other loopback address`,
        { old, fresh },
      )
      const gone = Promise.all(old.map(address => goAway(address, how)))
      // a slow request may be under way at an old address for longer
      await sleep(dnsLagMs)
      if (fresh.length === 0) await Promise.all(old.map(alb.heal))
      alb.list(list)
      await gone
      for (const address of old) faulty.delete(address)
      return list
    },
    async kill(...some) {
      await each(some, 'killed: connections are reset, new ones refused', alb.kill)
    },
    async refuse(...some) {
      await each(some, 'new connections are refused', alb.stop)
    },
    async dropPackets(...some) {
      await each(some, 'packets are dropped', address => alb.fault(address, 'vanish'))
    },
    async neverAnswer(...some) {
      await each(some, 'requests are never answered', address => alb.fault(address, 'silent'))
    },
    async certificateOf(name, ...some) {
      await each(some, `a certificate for ${name}`, address => alb.certify(address, name))
    },
    slow(ms) {
      note(ms > 0 ? `each request waits ${ms} ms` : 'requests wait no longer')
      slowMs = ms
    },
    async restore() {
      slowMs = 0
      if (isDnsFaulty) answer()
      const some = [...faulty]
      if (some.length > 0) note(`restored: ${some.join(', ')}`)
      await Promise.all(some.map(alb.heal))
      faulty.clear()
    },
    dns: {
      get questions() {
        return dns.queries.length
      },
      answer,
      silent: behave('silent', 'does not answer'),
      servfail: behave('servfail', 'answers SERVFAIL'),
      nxdomain: behave('nxdomain', 'answers NXDOMAIN'),
      empty: behave('empty', 'answers without an address'),
    },
    close: backend.close,
    [Symbol.asyncDispose]: backend.close,
  }
}
