import type { Setup } from '../backend.ts'
import type { Contender, Running } from '../contenders/contender.ts'

/** How long things take in one round; seconds. */
export type Times = {
  /**
   * unmeasured, before the CPU of a login is: programs that compile themselves are slow at first. Of Gatehouse it falls for some 25,000 logins, from
   * 1.7 × to 1 ×, of the plain recipe for 10,000
   */
  compile: number
  /** unmeasured, before any other load */
  warmUp: number
  /** of a closed loop of logins */
  load: number
  /** of an open loop: 200 logins a second make few for a p99 */
  paced: number
  /** of a load on one page */
  page: number
  rest: number
}

export type Measured = Readonly<Record<string, number>>

export type Part = {
  name: string
  contenders: readonly Contender[]
  /** on a link with a delay in place of loopback */
  onLink?: true
  /** One round of one contender. */
  measure(contender: Contender, setup: Setup, times: Times, save: Save): Promise<void>
}

/** Keeps figures of this round; `below` names a table of its own within the part. */
export type Save = (measured: Measured, below?: string) => void

/** The rate of the open loop. */
export const PER_SECOND = 200

/** Starts a contender, and stops it whatever happens. */
export async function withRunning<T>(
  contender: Contender,
  setup: Setup,
  use: (running: Running) => Promise<T>,
): Promise<T> {
  const running = await contender.start(setup)
  try {
    return await use(running)
  } finally {
    await running.stop()
  }
}
