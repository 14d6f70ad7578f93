import { GatewayError } from '../../http/errors.ts'
import type { Count } from './count.ts'

/** A login's place among those of its key. */
export type Place = { leave(failed: boolean): void }

/** Lets logins pass, by key: as many side by side as the key has failures left. */
export type Lanes = {
  /**
   * @param signal aborted when the client leaves
   * @throws GatewayError TOO_MANY; the signal's reason
   */
  enter(key: string, signal: AbortSignal): Promise<Place>
}

/** `returned`: points so far, to know a refusal that was true when it was given, and is no longer. */
type Lane = { inside: number; returned: number; readonly waiting: Set<() => void> }

/**
 * A login takes its point before it goes to the backend, and gets it back unless it failed: were failures counted when
 * they come back, any number of guesses sent side by side would pass. So logins under way fill the count, too, and one
 * that finds it full waits as long as any of them may give its point back; it is refused only when none is left.
 */
export function createLanes(kind: string, count: Count): Lanes {
  const lanes = new Map<string, Lane>()

  function laneOf(key: string): Lane {
    const lane = lanes.get(key) ?? { inside: 0, returned: 0, waiting: new Set() }
    lanes.set(key, lane)
    return lane
  }

  function leave(key: string, lane: Lane, gaveBack: boolean) {
    lane.inside--
    if (gaveBack) lane.returned++
    const [next] = lane.waiting
    if (lane.inside === 0 && !next) lanes.delete(key)
    // one point, one login; with nobody inside there is nothing to wait for, so that each refused one wakes the next
    if (gaveBack || lane.inside === 0) next?.()
  }

  return {
    async enter(key, signal) {
      for (;;) {
        const lane = laneOf(key)
        const { returned } = lane
        lane.inside++
        const taken = await count.take(key)
        if ('giveBack' in taken) {
          const place: Place = {
            leave(failed) {
              if (!failed) void taken.giveBack()
              leave(key, lane, !failed)
            },
          }
          if (!signal.aborted) return place
          place.leave(false)
        } else leave(key, lane, false)
        signal.throwIfAborted()
        if ('fullForMs' in taken && returned === lane.returned) {
          if (lane.inside === 0) throw tooMany(kind, taken.fullForMs)
          await turn(lane, taken.fullForMs, signal)
        }
      }
    },
  }
}

/** Resolves when a point has come back, when the window is over, or when the client leaves. */
function turn({ waiting }: Lane, ms: number, signal: AbortSignal): Promise<void> {
  return new Promise(resolve => {
    const go = () => {
      clearTimeout(timer)
      signal.removeEventListener('abort', go)
      waiting.delete(go)
      resolve()
    }
    const timer = setTimeout(go, ms)
    signal.addEventListener('abort', go)
    waiting.add(go)
  })
}

const tooMany = (kind: string, ms: number) =>
  new GatewayError('TOO_MANY', new Error(`limit per ${kind}`), Math.max(1, Math.ceil(ms / 1000)))
