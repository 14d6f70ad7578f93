import type { RateLimiterMemory, RateLimiterRedis } from 'rate-limiter-flexible'
import type { Limit } from '../../settings/kinds.ts'
import { PREFIX, type Store } from './store.ts'

/** What a key's count says to one more login. */
export type Taken =
  /** it took a point, which this returns; past the end of its window there is nothing to return */
  | { giveBack(): Promise<void> }
  /** it is full, for so many ms */
  | { fullForMs: number }

export type Count = Awaited<ReturnType<typeof createCount>>

/** A limiter's: a point that may come back until then, and whether it is the key's first; or none. */
type Consumed = { until: number; isNew: boolean } | { fullForMs: number }

/**
 * rate-limiter-flexible's own script adds before it compares, so that who is refused keeps counting, and what is
 * returned after the end of a window is a point too many in the next one. This one takes only what fits, and forgets a
 * key whose points have all come back. ARGV: points, seconds of a window, points that fit.
 */
const SCRIPT = `
local points, most = tonumber(ARGV[1]), tonumber(ARGV[3])
local count = tonumber(redis.call('get', KEYS[1]) or '0')
local left = redis.call('pttl', KEYS[1])
if left <= 0 then
  if points <= 0 then return {0, 0} end
  redis.call('set', KEYS[1], points, 'EX', ARGV[2])
  return {points, 1000 * ARGV[2]}
end
if count + points > most then return {count + points, left} end
if count + points <= 0 then
  redis.call('del', KEYS[1])
  return {0, 0}
end
return {redis.call('incrby', KEYS[1], points), left}
`

/** Names of accounts can be made up: so many keys are kept in memory (25 MB), beyond them the oldest is forgotten. */
const MOST_KEYS = 50_000
/** A point that comes back later than this before the end of its window, in ms, could arrive in the next one. */
const MARGIN_MS = 200

/** Counts one kind of key, in the store where there is one: each key in a window of its own that begins with its first point. */
export async function createCount(kind: string, limit: Limit, store: Store | undefined) {
  const { RateLimiterMemory, RateLimiterRedis, RateLimiterRes } = await import('rate-limiter-flexible')
  const options = { keyPrefix: `${PREFIX}:${kind}`, points: limit.failures, duration: limit.ms / 1000 }
  const shared =
    store &&
    new RateLimiterRedis({
      ...options,
      storeClient: store.client,
      useRedisPackage: true,
      customIncrTtlLuaScript: SCRIPT,
    })
  const memory = new RateLimiterMemory(options)
  /** the keys in memory, the oldest first, with the end of the window of each: the library bounds nothing, and a timer holds a key for its whole window */
  const windows = new Map<string, number>()
  // one iterator for all: a new one would pass over thousands that are gone each time (0.1 ms)
  const oldestFirst = windows.keys()

  async function consume(limiter: RateLimiterMemory | RateLimiterRedis, key: string): Promise<Consumed> {
    try {
      const { msBeforeNext, isFirstInDuration } = await limiter.consume(key)
      return { until: performance.now() + msBeforeNext - MARGIN_MS, isNew: isFirstInDuration }
    } catch (refusal) {
      if (refusal instanceof RateLimiterRes) return { fullForMs: refusal.msBeforeNext }
      throw refusal
    }
  }

  async function takeShared(from: Store, limiter: RateLimiterRedis, key: string): Promise<Taken> {
    const taken = (answer: Consumed): Taken =>
      'fullForMs' in answer ? answer : { giveBack: () => giveBack(from, limiter, key, answer.until) }
    const answer = await from.ask(
      () => consume(limiter, key),
      late => {
        const unused = taken(late)
        if ('giveBack' in unused) void unused.giveBack()
      },
    )
    return taken(answer)
  }

  function begin(key: string, until: number) {
    windows.delete(key)
    windows.set(key, until)
    if (windows.size <= MOST_KEYS) return
    const { value: oldest = key } = oldestFirst.next()
    windows.delete(oldest)
    void memory.delete(oldest)
  }

  async function takeFromMemory(key: string): Promise<Taken> {
    const answer = await consume(memory, key)
    if ('fullForMs' in answer) {
      // it adds before it compares, see above
      await memory.reward(key)
      return answer
    }
    if (answer.isNew) begin(key, answer.until)
    const window = windows.get(key)
    return {
      async giveBack() {
        if (performance.now() < answer.until && windows.get(key) === window) await memory.reward(key)
      },
    }
  }

  return {
    /** Waits for a store for 100 ms at most, and counts in this process's memory where it does not answer. */
    async take(key: string): Promise<Taken> {
      if (store && shared) {
        try {
          if (store.tally.connected) return await takeShared(store, shared, key)
        } catch {
          // the store has said it, once
        }
        store.tally.alone++
      }
      return takeFromMemory(key)
    },
  }
}

/** While the store cannot be reached, a point waits for it: else every login under way at that time would count as failed. */
async function giveBack(store: Store, limiter: RateLimiterRedis, key: string, until: number): Promise<void> {
  for (;;) {
    // sent at once where that is possible: who is woken now asks the store after it
    if (!store.tally.connected) await store.back()
    if (performance.now() >= until) return
    try {
      await limiter.reward(key)
      return
    } catch {
      if (store.tally.connected) return
    }
  }
}
