/** Where the front is in its life; written by open.ts and stopping.ts. */
export type Lifecycle = { phase: 'starting' | 'ready' | 'stopping' }

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
