import { now as clock } from '../clock.ts'
import { BODIES_FULL } from '../http/errors.ts'
import { createNotableLogins } from './notable-logins.ts'
import { isAnsweredLogin, type Outcome, RESULTS, type Result } from './outcome.ts'
import { createRecent } from './recent.ts'

/** So many logins by result in a span of time; p50 and p99 in ms, null where none was answered. */
export type Bucket = { readonly [result in Result]: number } & {
  /** when it begins, in seconds since 1970 */
  readonly at: number
  /** POSTs to the login path itself, of the ok, refused, misrouted and failed ones */
  readonly posted: number
  readonly p50: number | null
  readonly p99: number | null
}

export type History = ReturnType<typeof createHistory>

export const BUCKET_SECONDS = 5
const BUCKETS = 3600 / BUCKET_SECONDS

/** Bins of the durations under way: 8 an octave from 1/8 ms, so that a percentile is within 5 %; the last is from 2 min on. */
const BINS_AN_OCTAVE = 8
const LEAST_MS = 1 / 8
const BINS = 20 * BINS_AN_OCTAVE

/**
 * The last hour of the logins in buckets of 5 s: a ring of 720 rows of 9 numbers (26 KB) and one histogram, whatever the
 * load. A login costs a few additions.
 * @param now milliseconds since 1970
 */
export function createHistory(now = clock) {
  const counts = RESULTS.map(() => new Uint32Array(BUCKETS))
  const posted = new Uint32Array(BUCKETS)
  const p50 = new Float32Array(BUCKETS).fill(Number.NaN)
  const p99 = new Float32Array(BUCKETS).fill(Number.NaN)
  const bins = new Uint32Array(BINS)
  const bucketOf = (ms: number) => Math.floor(ms / 1000 / BUCKET_SECONDS)
  const first = bucketOf(now())
  let current = first
  const notable = createNotableLogins()
  const recent = createRecent(now)
  let lastFailure: string | undefined
  let lastMisrouted: number | undefined

  /** Goes to the bucket of this moment. */
  function roll() {
    const next = bucketOf(now())
    if (next <= current) return
    close()
    for (let each = Math.max(current + 1, next - BUCKETS + 1); each <= next; each++) {
      for (const count of [...counts, posted]) count[each % BUCKETS] = 0
      p50[each % BUCKETS] = Number.NaN
      p99[each % BUCKETS] = Number.NaN
    }
    bins.fill(0)
    current = next
  }

  function close() {
    p50[current % BUCKETS] = percentile(bins, 0.5)
    p99[current % BUCKETS] = percentile(bins, 0.99)
  }

  return {
    /** Counts a request that is over. Of all but logins it keeps `recent` alone. */
    count(outcome: Outcome) {
      recent.count(outcome)
      if (outcome.route !== 'login') return
      roll()
      const { result } = outcome
      const count = counts[RESULTS.indexOf(result)]
      const slot = current % BUCKETS
      if (count) count[slot] = (count[slot] ?? 0) + 1
      if (isAnsweredLogin(outcome)) posted[slot] = (posted[slot] ?? 0) + 1
      if (result === 'failed') lastFailure = outcome.cause === BODIES_FULL ? BODIES_FULL : outcome.code
      if (result === 'misrouted') lastMisrouted = outcome.status
      notable.count(outcome)
      if (result === 'gone') return
      const bin = binOf(outcome.ms)
      bins[bin] = (bins[bin] ?? 0) + 1
    },
    /** The buckets of the last hour, oldest first, the one under way last; at most so many. */
    buckets(most = BUCKETS): Bucket[] {
      roll()
      close()
      const oldest = Math.max(first, current - Math.min(most, BUCKETS) + 1)
      return Array.from({ length: current - oldest + 1 }, (_, i) => {
        const slot = (oldest + i) % BUCKETS
        const [ok = 0, refused = 0, limited = 0, misrouted = 0, failed = 0, gone = 0] = counts.map(
          each => each[slot] ?? 0,
        )
        const [median, slow] = [p50, p99].map(each => orNull(each[slot]))
        const at = (oldest + i) * BUCKET_SECONDS
        const results = { ok, refused, limited, misrouted, failed, gone }
        return { at, ...results, posted: posted[slot] ?? 0, p50: median ?? null, p99: slow ?? null }
      })
    },
    /** the logins that say more than the figures */
    notable,
    /** logins, pages, calls of pages and other requests to the API, of the last half minute and in all */
    recent,
    /** What the newest failure was: its code, `BODIES_FULL` where that is its cause, or nothing where the backend itself answered 5xx. */
    get lastFailure() {
      return lastFailure
    },
    /** the status of the newest misrouted login */
    get lastMisrouted() {
      return lastMisrouted
    },
  }
}

const binOf = (ms: number) =>
  Math.min(Math.max(Math.floor(Math.log2(ms / LEAST_MS) * BINS_AN_OCTAVE), 0), BINS - 1)

/** In ms: the middle of the bin in which so large a share is reached; NaN where all are empty. */
function percentile(bins: Uint32Array, share: number): number {
  const total = bins.reduce((sum, each) => sum + each, 0)
  let left = Math.ceil(total * share)
  const bin = bins.findIndex(each => {
    left -= each
    return left <= 0
  })
  return total === 0 ? Number.NaN : LEAST_MS * 2 ** ((bin + 0.5) / BINS_AN_OCTAVE)
}

const orNull = (ms = Number.NaN) => (Number.isNaN(ms) ? null : Math.round(ms * 100) / 100)
