import { EventEmitter } from 'node:events'
import { inWords } from '../http/errors.ts'
import type { Log } from '../log.ts'
import type { Config } from '../settings/settings.ts'
import { type AddressBook, createAddressBook } from './addresses.ts'
import { BackendAgent } from './agent.ts'
import { type Connection, targetOf } from './connect.ts'
import { createDialler } from './dial.ts'
import { createResolver } from './resolver.ts'

/** How one API is reached: one book and one pool for all of its routes and for pages' own calls. */
export type Backend = {
  /** its origin, `https://api.dev.jp`; and the certificate's name where that is another */
  readonly name: string
  readonly origin: URL
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

type Settings = Pick<Config, 'DNS_SERVERS' | 'DNS_FAMILY' | 'DNS_MAX_TTL' | 'CONNECT_TIMEOUT'>

/**
 * Opens the address book, the dialler and the pool of one origin, and logs every change of the book.
 * @param serverName the name in SNI and in the certificate, where it is not the origin's
 */
export function openBackend(origin: URL, config: Settings, log: Log, serverName?: string): Backend {
  const { protocol, hostname } = origin
  const book = createAddressBook(
    createResolver(hostname, config.DNS_SERVERS, config.DNS_FAMILY),
    config.DNS_MAX_TTL,
  )
  logChanges(book, hostname.replace(/^\[|\]$/g, ''), log)
  const dials = new EventEmitter<Dials>()
  logFailures(dials, log)
  const dialler = createDialler({
    book,
    target: targetOf(origin, serverName),
    connectTimeoutMs: config.CONNECT_TIMEOUT,
    onFailure: (address, error, ms) => dials.emit('failed', address, error, ms),
    onConnection: connection => dials.emit('connected', connection),
  })
  const agent = new BackendAgent(protocol, book, dialler)
  return {
    name: nameOf(origin, serverName),
    origin,
    book,
    agent,
    dials,
    close() {
      book.close()
      agent.destroy()
    },
  }
}

const nameOf = ({ origin }: URL, serverName?: string) =>
  serverName === undefined ? origin : `${origin} (${serverName})`

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
