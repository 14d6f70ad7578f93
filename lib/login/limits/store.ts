import { isIP, isIPv6 } from 'node:net'
import { setTimeout as sleep } from 'node:timers/promises'
import type { createClient } from '@redis/client'
import { describeError } from '../../http/errors.ts'
import type { Log } from '../../log.ts'
import type { StoreTally } from '../../observe/tally.ts'

/** What of the store's answer a login waits for, in ms; a store in the same region answers in 1 or 2. */
const ANSWER_MS = 100
const CONNECT_MS = 2000
const RETRY_MS = 1000
/** Of all keys: by the hash tag they are in one slot, so that one server of a cluster has them. */
export const PREFIX = 'gatehouse:{limits}'
/** What another server of a cluster says of the slot; without a host, or with `?` (no host name is known), it is at the same one. */
const MOVED = /^MOVED \d+ \??(.*):(\d+)$/
/** What a counter does, a write by a script: a replica or a full server cannot. */
const PROBE = "return redis.call('set', KEYS[1], '', 'PX', 1000)"

type Client = ReturnType<typeof createClient>

/** A Valkey or Redis server that all tasks share. It may be away at any time, at the start, too. */
export type Store = Awaited<ReturnType<typeof openStore>>

/**
 * Connects to the store, and again whenever it is refused, reset, silent or answers with an error: after a failover
 * the name leads to the new primary. The client's own reconnecting is off, for it would wait for a silent server for
 * as long as the kernel does, a quarter of an hour.
 * @returns at once, before there is a connection
 */
export async function openStore(url: URL, log: Log) {
  const { createClient } = await import('@redis/client')
  const tally: StoreTally = { connected: false, outages: 0, alone: 0 }
  const closing = new AbortController()
  const clients = new Set<Client>()
  let current: Client | undefined
  let away = false
  let { promise: back, resolve: isBack } = Promise.withResolvers<void>()

  async function connect() {
    let at = url
    while (!closing.signal.aborted) {
      let client: Client | undefined
      try {
        client = open(at)
        await within(CONNECT_MS, client.connect())
        await within(ANSWER_MS, client.eval(PROBE, { keys: [`${PREFIX}:probe`] }))
        return use(client)
      } catch (error) {
        if (client) discard(client)
        const moved = at === url ? movedTo(url, error) : undefined
        at = moved ?? url
        if (moved) continue
        if (!closing.signal.aborted) isAway(error)
      }
      await sleep(RETRY_MS, undefined, { signal: closing.signal }).catch(() => {})
    }
  }

  function open(at: URL): Client {
    const client: Client = createClient({
      url: at.href,
      RESP: 2,
      disableOfflineQueue: true,
      socket: { reconnectStrategy: false, connectTimeout: CONNECT_MS, ...tlsNameOf(at, url) },
    })
    client.on('error', error => {
      if (client === current) lost(client, error)
      else clients.delete(client)
    })
    clients.add(client)
    return client
  }

  function use(client: Client) {
    current = client
    away = false
    tally.connected = true
    log.info({ store: url.host }, 'the store of the login limits answers')
    isBack()
  }

  function lost(client: Client, cause: unknown) {
    if (client !== current) return
    current = undefined
    tally.connected = false
    ;({ promise: back, resolve: isBack } = Promise.withResolvers<void>())
    isAway(cause)
    // not destroyed: a silent server may yet answer, and what it took can be given back
    client.close().then(
      () => clients.delete(client),
      () => discard(client),
    )
    void connect()
  }

  function isAway(cause: unknown) {
    if (away) return
    away = true
    tally.outages++
    log.warn(
      { store: url.host, cause: describeError(cause) },
      'the store of the login limits cannot be reached: every task counts for itself',
    )
  }

  function discard(client: Client) {
    clients.delete(client)
    client.destroy()
  }

  void connect()
  return {
    tally,
    /** what rate-limiter-flexible calls; rejects while the store cannot be reached */
    client: {
      eval: (script: string, options: { keys: string[]; arguments: string[] }): Promise<unknown> =>
        current?.eval(script, options) ?? Promise.reject(new Error('the store cannot be reached')),
    },
    /**
     * A command's answer. An answer that comes too late goes to `late`.
     * @throws what the command throws, or after 100 ms; then the store counts as unreachable
     */
    async ask<T>(command: () => Promise<T>, late: (answer: T) => void): Promise<T> {
      const client = current
      const answer = command()
      try {
        return await within(ANSWER_MS, answer)
      } catch (error) {
        answer.then(late, () => {})
        if (client) lost(client, error)
        throw error
      }
    },
    /** Resolves once the store is there. */
    back: () => back,
    close() {
      closing.abort()
      for (const client of clients) discard(client)
    },
  }
}

/** Where the server of a cluster that was asked sends to; undefined: it does not. */
function movedTo(url: URL, error: unknown): URL | undefined {
  const [, host, port = ''] = (error instanceof Error && MOVED.exec(error.message)) || []
  if (host === undefined) return undefined
  const at = new URL(url)
  if (host !== '') at.hostname = isIPv6(host) ? `[${host}]` : host
  at.port = port
  return at
}

/** A server that a cluster names by its host name has a certificate for that name, and one by an address for LIMIT_STORE's. */
function tlsNameOf(at: URL, url: URL) {
  const servername = [at.hostname, url.hostname].find(each => isIP(each.replace(/^\[|\]$/g, '')) === 0)
  if (at.protocol !== 'rediss:') return {}
  // verified even with NODE_TLS_REJECT_UNAUTHORIZED=0: the store's password goes over it
  return { tls: true, rejectUnauthorized: true, ...(servername !== undefined && { servername }) } as const
}

/** @throws when there is no answer within `ms` */
function within<T>(ms: number, answer: Promise<T>): Promise<T> {
  return new Promise((resolve, reject) => {
    const silent = () => reject(new Error(`no answer within ${ms} ms`))
    // what has arrived is read before that: the timer is late as well when this process was busy
    const timer = setTimeout(() => setImmediate(silent), ms)
    answer.then(resolve, reject).finally(() => clearTimeout(timer))
  })
}
