import { setTimeout as sleep } from 'node:timers/promises'
import { SECOND_LOGIN } from '../../demo/second-api.ts'
import { type Client, startClient } from './client.ts'
import { judge, type Result } from './judge.ts'
import { waitedForCore } from './machine.ts'
import { ACCOUNT, startVisitors } from './pages.ts'
import { startSockets } from './sockets.ts'
import { type Form, inWorld, type Setup, type World } from './world.ts'

/** One line of the matrix: a fault, or two at once, under a steady load of logins and of pages that call the API. */
export type Row = Setup & {
  readonly name: string
  /** what happens; it may go on until the load is over, and is waited for */
  readonly fault: (world: World) => unknown
  /** the backend itself is slow or silent: a login or a page may take as long as that */
  readonly slow?: true
  /** logins a second, in place of the form's */
  readonly perSecond?: number
  /** WebSockets are opened in place of logins */
  readonly sockets?: true
  /** not for the soak, which watches one front process */
  readonly restarts?: true
  /** one of those that are run with every `npm test` */
  readonly short?: true
}

/** Before the fault: the pool is warm, and the compiler done with most of it. */
const QUIET_SHARE = 1 / 5

/** Runs a row: the load first, then the fault into it, then the verdict. */
export async function runRow(row: Row, form: Form): Promise<Result> {
  let result = await runOnce(row, form)
  for (let i = 1; i < form.runs && result.verdict === 'machine too busy'; i++)
    result = await runOnce(row, form)
  return result
}

const runOnce = (row: Row, form: Form) => inWorld(form, row, world => underLoad(row, world, form))

/** The row's fault in the midst of a load. */
export async function underLoad(row: Row, world: World, common: Form): Promise<Result> {
  const form = { ...common, perSecond: row.perSecond ?? common.perSecond }
  world.begin(form)
  const startedAt = performance.now()
  const waitedBefore = await waitedForCore(world.pids)
  const client: Client = row.sockets
    ? startSockets(() => world.port, form.perSecond)
    : startClient(() => world.port, form.perSecond, row.second && SECOND_LOGIN)
  const visitors = startVisitors(() => world.port, form.pagesPerSecond, [ACCOUNT])
  const faulted = sleep(form.loadMs * QUIET_SHARE).then(() => row.fault(world))
  await Promise.all([faulted, sleep(form.loadMs).then(world.end)])
  await Promise.all([client.stop(), visitors.stop()])
  await world.witness.settled()
  const elapsedMs = performance.now() - startedAt
  const starved = ((await waitedForCore(world.pids)) - waitedBefore) / elapsedMs
  const leaks = await world.leaks()
  const result = judge(row, { logins: client.logins, pages: visitors.pages }, world, {
    elapsedMs,
    starved,
    leaks,
  })
  if (result.verdict === 'kept') return result
  world.keepLog()
  return { ...result, broken: [...result.broken, `log of the front: ${world.logFile}`] }
}
