/** How page workers are waited for and looked after, in ms; a test has shorter ones. */
export type Pace = {
  /** a worker that does not listen by then is given up, and one that is not ready so long after that */
  readonly start: number
  /** one that listens and has not answered by then is ready all the same: its proxy.ts may wait for a service that hangs */
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

/** PAGE_TIMEOUT and STOP_TIMEOUT take the place of `silence` and `term`. */
export const PACE: Pace = {
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
