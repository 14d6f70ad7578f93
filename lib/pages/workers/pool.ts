import { setTimeout as sleep } from 'node:timers/promises'
import { describeError } from '../../http/errors.ts'
import type { WorkerState } from '../../observe/lifecycle.ts'
import { shareOf } from './cores.ts'
import { type PageWorker, startWorker, type WorkerOptions } from './process.ts'
import type { WorkerTimeouts } from './worker-timeouts.ts'

export type PoolOptions = WorkerOptions & { readonly count: number }

/** A worker's slot, taken by one process after the other. */
type Slot = {
  readonly number: number
  current?: PageWorker
  /** in a row */
  failures: number
  restarts: number
  /** from when its renewal is queued until it is done */
  renewing: boolean
}

const inMb = (bytes: number) => Math.round(bytes / 1024 ** 2)
/** By so much a worker that needs more than PAGE_MEMORY at rest may grow before it is replaced. */
const GROWTH = 1.25
/**
 * Whether a worker holds too much memory, and a new one would hold less. A worker that fits into PAGE_MEMORY at rest is replaced above it; one that does
 * not, where it has grown by GROWTH. All in bytes.
 * @param isLogged whether the log has said that one does not fit: memory at rest goes up and down a little
 */
export const isOversized = (
  recentMinRss: number,
  baselineRss: number,
  memory: number,
  isLogged = false,
): boolean =>
  recentMinRss > memory && ((baselineRss <= memory && !isLogged) || recentMinRss > baselineRss * GROWTH)

/**
 * Keeps so many page workers running, and resolves when the first of them serves.
 * @throws where none of them comes so far
 */
export async function openPool(options: PoolOptions, timeouts: WorkerTimeouts) {
  const { count, memory, log } = options
  const slots = Array.from(
    { length: count },
    (_, i): Slot => ({ number: i + 1, failures: 0, restarts: 0, renewing: false }),
  )
  const share = shareOf(count)
  const alive = new Set<PageWorker>()
  let change = Promise.withResolvers<void>()
  let renewals = Promise.resolve()
  let closing = false
  let isLogged = false

  /** In ms, before the next try. */
  const backoffOf = ({ failures }: Slot) =>
    failures === 0 ? 0 : Math.min(timeouts.backOff * 2 ** (failures - 1), timeouts.mostBackOff)

  /** Starts a process; it takes its place, also that of another, when it is ready. */
  async function start(slot: Slot): Promise<void> {
    const worker = startWorker(slot.number, options, share, timeouts)
    alive.add(worker)
    void worker.exited.then(() => alive.delete(worker))
    await worker.ready
    const before = slot.current
    slot.current = worker
    change.resolve()
    change = Promise.withResolvers()
    void worker.exited.then(() => {
      if (slot.current !== worker) return
      delete slot.current
      void restart(slot, performance.now() - worker.readyAt)
    })
    await before?.leave()
  }

  async function restart(slot: Slot, servedMs: number): Promise<void> {
    slot.failures = servedMs >= timeouts.steady ? 0 : slot.failures + 1
    for (; !closing; slot.failures++) {
      slot.restarts++
      const ms = backoffOf(slot)
      log.warn({ worker: slot.number, ms }, 'page worker starts again')
      await sleep(ms, undefined, { ref: false })
      if (closing || slot.current) return
      const serves = await start(slot).then(
        () => true,
        () => false,
      )
      if (serves) return
    }
  }

  /** One place at a time, and the next is ready before the old one leaves: there are never fewer than before. */
  function renew(slot: Slot, reason: string) {
    const old = slot.current
    if (!old || slot.renewing) return
    slot.renewing = true
    renewals = renewals.then(async () => {
      if (!closing && slot.current === old) await replace(slot, reason)
      slot.renewing = false
    })
  }

  async function replace(slot: Slot, reason: string): Promise<void> {
    const { number } = slot
    log.info({ worker: number, reason }, 'page worker is replaced')
    try {
      await start(slot)
    } catch (error) {
      slot.failures++
      const ms = backoffOf(slot)
      log.error({ worker: number, ms, cause: describeError(error) }, 'a page worker could not be replaced')
      await sleep(ms, undefined, { ref: false })
    }
  }

  function replaceOversized() {
    for (const slot of slots) {
      const { recentMinRss = 0, baselineRss = Number.POSITIVE_INFINITY } = slot.current ?? {}
      if (isOversized(recentMinRss, baselineRss, memory, isLogged))
        renew(slot, `it holds ${inMb(recentMinRss)} MB`)
      if (baselineRss <= memory || baselineRss === Number.POSITIVE_INFINITY || isLogged) continue
      isLogged = true
      log.warn(
        { worker: slot.number, mb: inMb(baselineRss), most: inMb(memory) },
        'page worker needs more than PAGE_MEMORY at rest: it is not replaced for that',
      )
    }
  }

  const first = slots.map(start)
  try {
    await Promise.any(first)
  } catch (error) {
    throw error instanceof AggregateError ? error.errors[0] : error
  }
  for (const [i, slot] of slots.entries()) first[i]?.catch(() => restart(slot, 0))
  const memoryCheck = setInterval(replaceOversized, timeouts.ping)

  return {
    /**
     * The ready worker with the fewest requests in flight.
     * @param spare only if another one is left besides: for a request that may have ended a worker already
     */
    least(spare = false): PageWorker | undefined {
      let found: PageWorker | undefined
      let ready = 0
      for (const { current } of slots) {
        if (current?.phase !== 'ready') continue
        ready++
        if (!found || current.inFlight < found.inFlight) found = current
      }
      return spare && ready === 1 && count > 1 ? undefined : found
    },
    /** Resolves when the next worker is ready. */
    change: () => change.promise,
    /** Replaces every worker gracefully. */
    reload() {
      for (const slot of slots) renew(slot, 'SIGHUP')
    },
    state: (): WorkerState[] =>
      slots.map(({ number, current, restarts }) => ({
        worker: number,
        pid: current?.pid,
        phase: current?.phase ?? 'starting',
        inFlight: current?.inFlight ?? 0,
        restarts,
        rssMb: current?.rss === undefined ? undefined : inMb(current.rss),
      })),
    /** SIGTERM to every worker, SIGKILL after `ms`. */
    async close(ms: number) {
      closing = true
      clearInterval(memoryCheck)
      await Promise.all([...alive].map(worker => worker.stop(ms)))
    },
  }
}
