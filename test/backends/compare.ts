import { type Case, HANDLERS, type Handler, type Measured, measure } from './measure.ts'
import type { Running } from './start.ts'

/** A server's handler, at one address or two, with REPLAY=on and off. */
export type Row = {
  readonly server: string
  readonly handler: Handler
  readonly addresses: 1 | 2
  readonly on: Measured
  readonly off: Measured
  /** what a login takes longer with REPLAY=on, in round trips */
  readonly added: number
  /** what is not as promised */
  readonly broken: readonly string[]
}

/** How many requests each handler gets: a slow one takes its time. */
export type Size = Readonly<Record<Handler, number>> & { readonly roundTripMs: number }

/** All rows of a server. Those that mostly wait run beside each other; the others one by one, for their times count. */
export async function compare(running: Running, addresses: readonly (1 | 2)[], size: Size): Promise<Row[]> {
  const row = async (handler: Handler, count: 1 | 2): Promise<Row> => {
    const shape = { handler, addresses: count, requests: size[handler], roundTripMs: size.roundTripMs }
    const each = (replay: Case['replay']) => measure(running, { ...shape, replay })
    return judge(running.name, shape, await each('on'), await each('off'))
  }
  const rows: Row[] = []
  for (const count of addresses) rows.push(await row('read', count))
  const others = HANDLERS.filter(each => each !== 'read')
  rows.push(...(await Promise.all(others.flatMap(handler => addresses.map(count => row(handler, count))))))
  return rows
}

/** A machine that is busy beside may be late by so much of a round trip. */
const SLACK = 0.6

function judge(
  server: string,
  { handler, addresses, roundTripMs }: Omit<Case, 'replay'>,
  on: Measured,
  off: Measured,
): Row {
  const added = (on.loginMs - off.loginMs) / roundTripMs
  const broken: string[] = []
  if (on.executedTwice > 0) broken.push(`${on.executedTwice} executed twice`)
  if (off.executedTwice > 0) broken.push(`${off.executedTwice} executed twice with REPLAY=off`)
  if (on.undone > 0) broken.push(`${on.undone} failed that were not executed`)
  if ((handler === 'read' || handler === 'mixed') && added > 1 + SLACK)
    broken.push(`a login takes ${added.toFixed(1)} round trips more`)
  if ((handler === 'read' || handler === 'slow') && on.failed > 0) broken.push(`${on.failed} failed`)
  return { server, handler, addresses, on, off, added, broken }
}
