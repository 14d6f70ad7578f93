import { EventEmitter } from 'node:events'
import { setTimeout as sleep } from 'node:timers/promises'
import { now } from '../clock.ts'
import type { DnsAnswer, Resolve } from './resolver.ts'

/** What is known of the backend's addresses at one moment. Frozen, and swapped whole. */
export type Addresses = {
  /** those of the newest answer */
  readonly listed: readonly string[]
  /** those that only the newest answer lacks: an ALB may list another part of its nodes in each answer */
  readonly missing: readonly string[]
  /** those that two answers in a row lacked: no new request goes there but as the last resort */
  readonly departed: readonly string[]
  /** when the newest answer came, and for how long it may be cached; absent before the first */
  readonly answer?: { readonly at: Date } & Omit<DnsAnswer, 'addresses'>
  /** since when DNS has given no answer, and why */
  readonly stale?: { readonly since: Date; readonly reason: unknown }
}

type Changes = {
  /** addresses that a request may now be sent to */
  added: [addresses: readonly string[]]
  /** addresses that get no request any more */
  departed: [addresses: readonly string[]]
  /** DNS failed: the last good addresses stay */
  stale: [reason: unknown]
  /** DNS answers again, or for the first time */
  fresh: []
  /** DNS was asked: undefined, or why there was no answer */
  asked: [failure: unknown]
}

export type AddressCache = ReturnType<typeof createAddressCache>

/** On average not oftener than this, whatever the TTL or the number of failed dials: 0 is a TTL too. */
const LEAST_INTERVAL_MS = 250
/** While DNS fails it is asked this often, however long an answer would be cached. */
const RETRY_MS = 1000
/** A departed address is remembered as the last resort for so long, and so many of them. */
const DEPARTED_MS = 300_000
const DEPARTED_MOST = 16

/**
 * The one address cache of the backend's addresses, which the dialler, the pool and the status read.
 * It refreshes itself in the background before the answer's TTL (at most `maxTtlMs`) runs out, so that no
 * request waits for DNS, and no failure of DNS ever empties it (docs/rules.md, 2 and 3).
 */
export function createAddressCache(resolve: Resolve, maxTtlMs: number) {
  const changes = new EventEmitter<Changes>()
  const departedAt = new Map<string, number>()
  let addresses: Addresses = Object.freeze({ listed: [], missing: [], departed: [] })
  let asking: Promise<void> | undefined
  let begunAt = Number.NEGATIVE_INFINITY
  // of the two newest questions
  let finishedAt = Number.NEGATIVE_INFINITY
  let finishedBefore = Number.NEGATIVE_INFINITY
  let timer: NodeJS.Timeout | undefined
  let closed = false

  function accept({ addresses: listed, ...rest }: DnsAnswer) {
    const before = addresses
    const known = new Set([...before.listed, ...before.missing])
    const missing = before.listed.filter(each => !listed.includes(each))
    const gone = before.missing.filter(each => !listed.includes(each))
    const added = listed.filter(each => !known.has(each))
    remember(gone, listed)
    addresses = Object.freeze({
      listed: Object.freeze([...listed]),
      missing: Object.freeze(missing),
      departed: Object.freeze([...departedAt.keys()]),
      answer: { at: new Date(now()), ...rest },
    })
    if (added.length > 0) changes.emit('added', added)
    if (gone.length > 0) changes.emit('departed', gone)
    if (before.stale || !before.answer) changes.emit('fresh')
  }

  function remember(gone: readonly string[], listed: readonly string[]) {
    const at = performance.now()
    for (const each of gone) departedAt.set(each, at)
    for (const each of listed) departedAt.delete(each)
    for (const [each, since] of departedAt) {
      if (at - since > DEPARTED_MS || departedAt.size > DEPARTED_MOST) departedAt.delete(each)
    }
  }

  function keep(reason: unknown) {
    const first = addresses.stale === undefined
    addresses = Object.freeze({
      ...addresses,
      stale: { since: addresses.stale?.since ?? new Date(now()), reason },
    })
    if (first) changes.emit('stale', reason)
  }

  async function ask() {
    begunAt = performance.now()
    let failure: unknown
    try {
      const answer = await resolve()
      if (!closed) accept(answer)
    } catch (error) {
      failure = error
      if (!closed) keep(error)
    }
    changes.emit('asked', failure)
    finishedBefore = finishedAt
    finishedAt = performance.now()
    asking = undefined
    schedule()
  }

  // Ahead of the TTL by up to a fifth, at random: tasks that started together shall not ask together.
  function schedule() {
    clearTimeout(timer)
    const { answer, stale } = addresses
    // of what the hosts file named nothing is known any more once DNS was asked and failed
    if (closed || (!stale && answer?.ttlMs === Number.POSITIVE_INFINITY)) return
    const cachedMs = Math.min(stale || !answer ? RETRY_MS : answer.ttlMs, maxTtlMs)
    // past the rate limit: a timer may fire a fraction of a millisecond early, and a refused one would be the last
    timer = setTimeout(askOnce, Math.max(cachedMs * (0.8 + Math.random() / 5), LEAST_INTERVAL_MS))
  }

  function askOnce() {
    asking ??= ask()
  }

  /**
   * A token bucket of two: the refresh in the background may have come just before all addresses failed, and a login
   * that needs the new ones shall not wait for it.
   */
  const mayAskAt = () => Math.min(finishedAt + LEAST_INTERVAL_MS, finishedBefore + 2 * LEAST_INTERVAL_MS)

  /** As `refresh`, but resolves when DNS has answered a question that was asked after this call: what it said just before may be out of date. */
  async function askAnew() {
    const calledAt = performance.now()
    while (!closed && begunAt < calledAt) {
      await asking
      const restMs = mayAskAt() - performance.now()
      if (restMs > 0) await sleep(restMs, undefined, { ref: false })
      else await refresh()
    }
  }

  /** Asks DNS now. Coalesced and rate-limited; resolves when the address cache is as new as it can be. Never rejects. */
  async function refresh() {
    if (closed) return
    if (performance.now() >= mayAskAt()) askOnce()
    await asking
  }

  return {
    get addresses(): Addresses {
      return addresses
    },
    changes,
    refresh,
    askAnew,
    close() {
      closed = true
      clearTimeout(timer)
    },
  }
}
