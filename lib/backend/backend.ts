import { EventEmitter } from 'node:events'
import { loginPathOf } from '../http/backend-path.ts'
import { inWords } from '../http/errors.ts'
import type { Log } from '../log.ts'
import type { Config } from '../settings/settings.ts'
import { type AddressBook, createAddressBook } from './addresses.ts'
import { BackendAgent } from './agent.ts'
import { type Connection, targetOf } from './connect.ts'
import { createDialler } from './dial.ts'
import { createExpectations } from './expectation.ts'
import { type ProbeOptions, probe } from './probe.ts'
import { createResolver } from './resolver.ts'

/** How the API is reached: one book and one pool for logins and pages' own calls alike. */
export type Backend = {
  readonly book: AddressBook
  readonly agent: BackendAgent
  readonly dials: EventEmitter<Dials>
  close(): void
}

type Dials = {
  connected: [connection: Connection]
  failed: [address: string, error: unknown, ms: number]
}

/** Failures of one address for one reason become one line in so long a time. */
const SAME_MS = 1000

/** Opens the address book, the dialler and the pool for BACKEND_ORIGIN, and logs every change of the book. */
export function openBackend(config: Config, log: Log): Backend {
  const { protocol, hostname } = config.BACKEND_ORIGIN
  const name = hostname.replace(/^\[|\]$/g, '')
  const book = createAddressBook(
    createResolver(hostname, config.DNS_SERVERS, config.DNS_FAMILY),
    config.DNS_MAX_TTL,
  )
  logChanges(book, name, log)
  const dials = new EventEmitter<Dials>()
  logFailures(dials, log)
  const dialler = createDialler({
    book,
    target: targetOf(config.BACKEND_ORIGIN),
    connectTimeoutMs: config.CONNECT_TIMEOUT,
    onFailure: (address, error, ms) => dials.emit('failed', address, error, ms),
    onConnection: connection => dials.emit('connected', connection),
  })
  const probeOptions: ProbeOptions = {
    target: targetOf(config.BACKEND_ORIGIN),
    host: config.BACKEND_ORIGIN.host,
    path: loginPathOf(config.BACKEND_PATHS) ?? '',
    timeoutMs: config.CONNECT_TIMEOUT,
  }
  const expectations = createExpectations(
    address => probe(address, probeOptions),
    config.CONNECT_TIMEOUT,
    log,
  )
  dials.on('failed', address => expectations.forget(address))
  const agent = new BackendAgent(protocol, book, dialler, expectations)
  return {
    book,
    agent,
    dials,
    close() {
      book.close()
      agent.destroy()
    },
  }
}

/**
 * The first failure of an address at once, more of the same as one line a second: with every address refusing and logins
 * coming in, there are hundreds a second.
 */
function logFailures(dials: EventEmitter<Dials>, log: Log) {
  const more = new Map<string, number>()
  dials.on('failed', (address, error) => {
    const cause = inWords(error)
    const key = `${address} ${cause}`
    const times = more.get(key)
    if (times !== undefined) return void more.set(key, times + 1)
    more.set(key, 0)
    log.warn({ address, cause }, 'connection attempt failed')
    const tellRest = () => {
      const attempts = more.get(key) ?? 0
      more.delete(key)
      if (attempts > 0) log.warn({ address, cause, attempts }, 'more connection attempts failed')
    }
    setTimeout(tellRest, SAME_MS).unref()
  })
}

function logChanges(book: AddressBook, backend: string, log: Log) {
  const { changes } = book
  const ttlSeconds = () => (book.addresses.answer?.ttlMs ?? 0) / 1000
  changes.on('added', addresses =>
    log.info({ backend, addresses, ttlSeconds: ttlSeconds() }, 'addresses added'),
  )
  changes.on('departed', addresses => log.info({ backend, addresses }, 'addresses departed'))
  changes.on('stale', reason =>
    log.warn({ backend, cause: inWords(reason) }, 'DNS gives no answer: the last addresses stay in use'),
  )
  changes.on('fresh', () => log.info({ backend }, 'DNS answers'))
}
