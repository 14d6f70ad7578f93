import type { Connection } from './connect.ts'

/** A connection of the pool. */
export type Pooled = {
  readonly connection: Connection
  readonly retireAt: number
  /** on performance.now()'s clock; BUSY while a request is under way over it */
  idleSince: number
  /** for a request that wants an unused one each time, so that another shall be ready for the next */
  leavesDemand: boolean
}

export const BUSY = Number.POSITIVE_INFINITY
export const isIdle = ({ idleSince }: Pooled): boolean => idleSince !== BUSY

export type PoolState = { [address: string]: { idle: number; busy: number; unused?: number } }

/**
 * How many connections each address has, for people.
 * @param unused how many have carried no request yet, by address; they are in no pool
 */
export function poolStateOf(pooled: readonly Pooled[], unused: ReadonlyMap<string, number>): PoolState {
  const state: PoolState = {}
  for (const each of pooled) {
    const { address } = each.connection
    const counts = state[address] ?? { idle: 0, busy: 0 }
    counts[isIdle(each) ? 'idle' : 'busy']++
    state[address] = counts
  }
  for (const [address, count] of unused)
    state[address] = { idle: 0, busy: 0, ...state[address], unused: count }
  return state
}
