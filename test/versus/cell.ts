import { setTimeout as sleep } from 'node:timers/promises'
import type { Contender } from '../../bench/contenders/contender.ts'
import { quantile } from '../../bench/figures.ts'
import { withRunning } from '../../bench/parts/part.ts'
import { login, untilAnswered } from '../../bench/parts/ready.ts'
import { type Login, startClient } from '../faults/client.ts'
import { waitedForCore } from '../faults/machine.ts'
import type { Arrival } from '../faults/witness.ts'
import type { Cell } from './result.ts'
import { quietMs, type Row } from './rows.ts'
import { openStand, type Stand } from './stand.ts'

/** Logins a second, whether or not earlier ones have been answered. */
export const PER_SECOND = 100
/** Logins before those that count: programs that compile themselves are slow at first. */
const WARM_UP = { clients: 8, each: 12 }

/** One contender in one row, at a stand of its own; both are gone afterwards. */
export async function measure(
  contender: Contender,
  row: Row,
  { seconds, ...place }: { port: number; site: string; seconds: number },
): Promise<Cell> {
  const stand = await openStand({ ...place, seconds, nodes: row.nodes ?? 2 })
  try {
    return await withRunning(contender, stand.setup, async ({ url, pids }) => {
      await warmUp(url)
      await stand.witness.settled()
      stand.witness.reset()
      const processes = [process.pid, ...pids]
      const startedAt = performance.now()
      const waitedBefore = await waitedForCore(processes)
      const client = startClient(() => Number(new URL(url).port), PER_SECOND)
      const faulted = sleep(quietMs(seconds)).then(() => row.fault(stand))
      await Promise.all([faulted, sleep(seconds * 1000).then(stand.end)])
      await client.stop()
      await stand.witness.settled()
      const waited = (await waitedForCore(processes)) - waitedBefore
      return count(client.logins, stand, waited / (performance.now() - startedAt))
    })
  } finally {
    await stand.close()
  }
}

async function warmUp(url: string): Promise<void> {
  const logIn = async () => {
    for (let i = 0; i < WARM_UP.each; i++) await untilAnswered(login(url))
  }
  await Promise.all(Array.from({ length: WARM_UP.clients }, logIn))
}

/** Compares what the clients saw with what the nodes saw. No contender is asked. */
function count(logins: readonly Login[], { witness, strangers }: Stand, starved: number): Cell {
  const arrivalsOf = ({ id }: Login) => witness.arrivals.get(id) ?? []
  const failures = logins.filter(each => each.outcome !== 200)
  const outcomes: Record<string, number> = {}
  for (const { outcome } of failures) outcomes[outcome] = (outcomes[outcome] ?? 0) + 1
  // `lastByteAt` is when a login came, where not a part of its answer was sent
  const isAtStranger = ({ node, lastByteAt }: Arrival) =>
    lastByteAt > (strangers.get(node) ?? Number.POSITIVE_INFINITY)
  const times = logins.map(each => each.doneAt - each.dueAt)
  return {
    sent: logins.length,
    failed: failures.length,
    inFlight: failures.filter(each => arrivalsOf(each).at(-1)?.fate === 'killed').length,
    twice: logins.filter(each => arrivalsOf(each).filter(({ whole }) => whole).length > 1).length,
    p99: Math.round(quantile(times, 0.99)),
    longest: Math.round(quantile(times, 1)),
    strangers: logins.filter(each => arrivalsOf(each).some(isAtStranger)).length,
    outcomes,
    starved: Number(starved.toFixed(3)),
  }
}
