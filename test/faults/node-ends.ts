import { setImmediate } from 'node:timers/promises'
import type { Alb } from '../../testing/alb.ts'
import type { Witness } from './witness.ts'

/** How a node ends, seen by the witness: it knows what was in flight there. */
export function createNodeEnds(alb: Alb, witness: Witness) {
  async function noteDeath(address: string) {
    // what has come by now is read first: the shorter the moment in which a login is on its way, unseen, the better
    await setImmediate()
    witness.dies(address, alb.nodes.get(address)?.connections ?? 0)
  }
  return {
    /** At once, with all its connections. */
    async kill(address: string) {
      await noteDeath(address)
      alb.kill(address)
    },
    /** Without a word: packets to it are lost, on its open connections too. */
    async vanish(address: string) {
      await noteDeath(address)
      await alb.fault(address, 'vanish')
    },
  }
}
