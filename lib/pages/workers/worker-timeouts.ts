import type { Config } from '../../settings/settings.ts'

/** How page workers are waited for and looked after, in ms; a test has shorter ones. */
export type WorkerTimeouts = {
  /** a worker that does not listen by then is given up, one in which Next has not loaded all so long after that, and one that is not ready so long after that */
  readonly start: number
  /** one in which Next has, and that has not answered by then, is ready all the same: its proxy.ts may wait for a service that hangs */
  readonly probe: number
  /** how often its event loop is asked for, and after how many silent times it is killed */
  readonly ping: number
  readonly silentPings: number
  /** what a worker that leaves may still finish, then what it has after SIGTERM */
  readonly drain: number
  readonly term: number
  /** the break before a worker that has failed starts again, doubled each time up to the most */
  readonly backOff: number
  readonly mostBackOff: number
  /** one that has served for so long starts again without a break, and what it holds from then on counts */
  readonly steady: number
  /** a request waits for a worker for so long; on a small task Next takes 6 to 15 s to start */
  readonly wait: number
  /** the silence of a page that has not begun to answer, then its request is ended; 0: never */
  readonly silence: number
}

const TIMEOUTS: WorkerTimeouts = {
  start: 60_000,
  probe: 15_000,
  ping: 1000,
  silentPings: 60,
  drain: 30_000,
  term: 25_000,
  backOff: 250,
  mostBackOff: 8000,
  steady: 30_000,
  wait: 15_000,
  silence: 0,
}

const DAY_MS = 86_400_000

/** @param options of Node for the workers: one that stands still at a breakpoint is not taken for a hanging one */
export const workerTimeouts = (
  { PAGE_TIMEOUT: silence, STOP_TIMEOUT: term }: Pick<Config, 'PAGE_TIMEOUT' | 'STOP_TIMEOUT'>,
  options: string | undefined,
): WorkerTimeouts => ({
  ...TIMEOUTS,
  silence,
  term,
  ...(isInspected(options) && { start: DAY_MS, silentPings: Number.POSITIVE_INFINITY }),
})

/** Whether `NODE_OPTIONS` has a debugger of the pages in it. */
export const isInspected = (options = ''): boolean => options.includes('--inspect')
