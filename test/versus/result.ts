import { z } from 'zod'

/** What came of one contender in one row. Times in ms, of all logins, failed ones too, from when each was due. */
const CELL = z.object({
  sent: z.number(),
  /** not answered with 200 within 5 s */
  failed: z.number(),
  /** of those, how many a node was at work on when it died: no proxy can know whether such a login was executed */
  inFlight: z.number(),
  /** executed by the API more than once */
  twice: z.number(),
  p99: z.number(),
  longest: z.number(),
  /** with their password, to an address that belongs to somebody else */
  strangers: z.number(),
  /** the failed ones, by what came instead */
  outcomes: z.record(z.string(), z.number()),
  /** the share of the time that a process waited for a core; 0 to 1 */
  starved: z.number(),
})

const ROW = z.object({
  key: z.string(),
  seconds: z.number(),
  title: z.object({ en: z.string(), ja: z.string() }),
  /** by contender; one that a row does not concern is not there */
  cells: z.record(z.string(), CELL),
})

/** docs/versus.json */
export const RESULT = z.object({
  perSecond: z.number(),
  minutes: z.number(),
  /** date, machine and programs, a fact a line; contenders that were left out, with the reason */
  facts: z.array(z.string()),
  contenders: z.array(z.string()),
  rows: z.array(ROW),
})

export type Cell = z.infer<typeof CELL>
export type ResultRow = z.infer<typeof ROW>
export type Result = z.infer<typeof RESULT>
