import { EventEmitter } from 'node:events'
import { setTimeout as sleep } from 'node:timers/promises'
import { describeError } from '../http/errors.ts'
import type { Log } from '../log.ts'
import type { Config } from '../settings/settings.ts'
import { type AddressCache, createAddressCache } from './address-cache.ts'
import { BackendAgent } from './agent.ts'
import { watchCertificate } from './certificate.ts'
import { type Connection, targetOf } from './connect.ts'
import { createDialler } from './dial.ts'
import { createExpectations } from './expectation.ts'
import { type Probed, probe } from './probe.ts'
import { createResolver, watchHosts } from './resolver.ts'
import { type NameFiles, SYSTEM } from './system-names.ts'

/** How one API is reached: one address cache and one pool for all of its routes and for pages' own calls. */
export type Backend = ReturnType<typeof openBackend>

type Events = {
  connected: [connection: Connection]
  failed: [address: string, error: unknown, ms: number]
  /** the idle connections to departed addresses have been closed; so many were, and so many are busy and finish */
  left: [addresses: readonly string[], connections: { closed: number; busy: number }]
}

/** Failures of one address for one reason become one line in so long a time. */
const SAME_MS = 1000

type Settings = Pick<Config, 'DNS_SERVERS' | 'DNS_FAMILY' | 'DNS_MAX_TTL' | 'CONNECT_TIMEOUT'>

type Options = {
  /** the name in SNI and in the certificate, where it is not the origin's */
  readonly serverName?: string | undefined
  /** where a probe goes, as a login would; the origin's root where it is not said */
  readonly probed?: Probed
  readonly files?: NameFiles
}

/** Opens the address cache, the dialler and the pool of one origin, and logs every change of the address cache. */
export function openBackend(
  origin: URL,
  config: Settings,
  log: Log,
  { serverName, probed = { host: origin.host, path: '/' }, files = SYSTEM }: Options = {},
) {
  const { protocol, hostname } = origin
  const name = backendNameOf(origin, serverName)
  const cache = createAddressCache(
    createResolver(hostname, config.DNS_SERVERS, config.DNS_FAMILY, files),
    config.DNS_MAX_TTL,
  )
  logChanges(cache, hostname.replace(/^\[|\]$/g, ''), log)
  const unwatch = watchHosts(() => askAgain(cache), files)
  const events = new EventEmitter<Events>()
  logFailures(events, log)
  const certificate = watchCertificate(name, log)
  events.on('connected', ({ socket }) => certificate.look(socket))
  const target = targetOf(origin, serverName)
  const dialler = createDialler({
    cache,
    target,
    connectTimeoutMs: config.CONNECT_TIMEOUT,
    onFailure: (address, error, ms) => events.emit('failed', address, error, ms),
    onConnection: connection => events.emit('connected', connection),
  })
  const expectations = createExpectations(
    address => probe(address, { target, ...probed, timeoutMs: config.CONNECT_TIMEOUT }),
    config.CONNECT_TIMEOUT,
    log,
  )
  events.on('failed', address => expectations.unreachable(address))
  events.on('connected', ({ address }) => expectations.connected(address))
  const agent = new BackendAgent(protocol, cache, dialler, expectations)
  cache.changes.on('departed', addresses => events.emit('left', addresses, agent.closeIdle(addresses)))
  return {
    /** its origin, `https://api.dev.jp`; and the certificate's name where that is another */
    name,
    origin,
    cache,
    agent,
    events,
    /** addresses that cannot be connected to at the moment */
    failing: dialler.failing,
    certificate,
    close() {
      unwatch()
      dialler.close()
      cache.close()
      agent.destroy()
    },
  }
}

/** Each origin has a backend of its own, and each name that its certificate must show. */
export const backendNameOf = ({ origin }: URL, serverName?: string): string =>
  serverName === undefined ? origin : `${origin} (${serverName})`

/**
 * The first failure of an address at once, more of the same as one line a second: with every address refusing and logins
 * coming in, there are hundreds a second.
 */
function logFailures(events: EventEmitter<Events>, log: Log) {
  const more = new Map<string, number>()
  events.on('failed', (address, error) => {
    const cause = describeError(error)
    const key = `${address} ${cause}`
    const times = more.get(key)
    if (times !== undefined) return void more.set(key, times + 1)
    more.set(key, 0)
    log.warn({ address, cause }, 'connection attempt failed')
    const logRepeats = () => {
      const attempts = more.get(key) ?? 0
      more.delete(key)
      if (attempts > 0) log.warn({ address, cause, attempts }, 'more connection attempts failed')
    }
    setTimeout(logRepeats, SAME_MS).unref()
  })
}

/** The first question may be too soon after another one, and with the second answer an address departs that both lack. */
async function askAgain(cache: AddressCache) {
  for (let i = 0; i < 3; i++) {
    await cache.refresh()
    await sleep(300, undefined, { ref: false })
  }
}

function logChanges(cache: AddressCache, backend: string, log: Log) {
  const { changes } = cache
  /** for how long they may be cached, and what named them where that was not DNS for this very name */
  const source = () => {
    const { ttlMs = 0, file, name } = cache.addresses.answer ?? {}
    return { ttlSeconds: Number.isFinite(ttlMs) ? ttlMs / 1000 : undefined, file, name }
  }
  changes.on('added', addresses => log.info({ backend, addresses, ...source() }, 'addresses added'))
  changes.on('departed', addresses => log.info({ backend, addresses }, 'addresses departed'))
  changes.on('stale', reason =>
    log.warn(
      { backend, cause: describeError(reason) },
      cache.addresses.answer
        ? 'DNS gives no answer: the last addresses stay in use'
        : 'DNS has not answered yet: no address is known',
    ),
  )
  changes.on('fresh', () => log.info({ backend }, 'DNS answers'))
}
