import type { Duplex } from 'node:stream'
import type { Connection } from './connect.ts'

export type PoolState = { [address: string]: { idle: number; busy: number; unused?: number } }

/**
 * How many connections each address has, for people.
 * @param idle those of `pooled` over which no request is under way
 * @param unused how many have carried no request yet, by address; they are in no pool
 */
export function poolStateOf(
  pooled: ReadonlyMap<Duplex, { readonly connection: Connection }>,
  idle: readonly Duplex[],
  unused: ReadonlyMap<string, number>,
): PoolState {
  const isIdle = new Set(idle)
  const state: PoolState = {}
  for (const [socket, { connection }] of pooled) {
    const counts = state[connection.address] ?? { idle: 0, busy: 0 }
    counts[isIdle.has(socket) ? 'idle' : 'busy']++
    state[connection.address] = counts
  }
  for (const [address, count] of unused)
    state[address] = { idle: 0, busy: 0, ...state[address], unused: count }
  return state
}
