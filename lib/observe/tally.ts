import { isToBackend, type OnOutcome, type ToBackend } from './outcome.ts'

/** What became of the requests that went to the backend. Counted here alone, read by the status. */
export type Tally = {
  /** answered by the backend, by status */
  readonly answered: { [status: number]: number }
  /** answered by the front with an error of the table, or cut off, by the error's code */
  readonly failed: { [code: string]: number }
  /** given up by the client */
  gone: number
  /** retried, since they were not executed or are idempotent */
  replayed: number
}

export type Tallies = Readonly<Record<ToBackend, Tally>>

export const createTallies = (): Tallies => ({
  login: createTally(),
  api: createTally(),
  upgrade: createTally(),
  egress: createTally(),
})

/** Counts each request to the backend that is over. */
export function countInto(tallies: Tallies): OnOutcome {
  return ({ route, status, code, result, retries = 0 }) => {
    if (!isToBackend(route)) return
    const tally = tallies[route]
    tally.replayed += retries
    if (code !== undefined && (status !== undefined || result === 'failed')) add(tally.failed, code)
    else if (status !== undefined) add(tally.answered, status)
    else tally.gone++
  }
}

const createTally = (): Tally => ({ answered: {}, failed: {}, gone: 0, replayed: 0 })

/** Adds one to a counter. */
function add<K extends string | number>(counters: { [key in K]?: number }, key: K): void {
  counters[key] = (counters[key] ?? 0) + 1
}

/** What the login limits did. Counted by them alone, read by the status. */
export type LimitTally = {
  /** logins refused, by what was full */
  readonly refused: { address: number; account: number }
  /** where there is one */
  readonly store?: StoreTally
}

/** How the store is that the tasks' login limits share. */
export type StoreTally = {
  connected: boolean
  /** how often it went away, or was not there at the start */
  outages: number
  /** questions that this process answered from its own memory, since the store was away */
  alone: number
}
