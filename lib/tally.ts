/** What became of the requests that went to the backend. Counted here alone, read by the status. */
export type Tally = {
  /** answered by the backend, by status */
  readonly answered: { [status: number]: number }
  /** answered by the front with an error of the table, or cut off, by the error's code */
  readonly failed: { [code: string]: number }
  /** given up by the client */
  gone: number
  /** sent again, since they were not executed or are idempotent */
  replayed: number
}

export const createTally = (): Tally => ({ answered: {}, failed: {}, gone: 0, replayed: 0 })

/** Adds one to a counter. */
export function count<K extends string | number>(counters: { [key in K]?: number }, key: K): void {
  counters[key] = (counters[key] ?? 0) + 1
}
