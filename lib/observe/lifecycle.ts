/** Where the front is in its life, and what it cannot take; written by server.ts, stopping.ts and the listener. */
export type Lifecycle = {
  phase: 'starting' | 'ready' | 'stopping'
  /** connections that were closed at once or with a 503, for as many as may be were open */
  turnedAway: number
  /** connections of clients: how many there are, and how many may be before one is turned away */
  readonly connections: { now: number; most: number }
}

/** One of the processes that render pages; written by lib/pages/, read by the status page. */
export type WorkerState = {
  readonly worker: number
  readonly pid: number | undefined
  readonly phase: 'starting' | 'ready' | 'leaving' | 'gone'
  readonly inFlight: number
  /** how often a process in this place ended by itself or had to be killed */
  readonly restarts: number
  readonly rssMb: number | undefined
}
