import { GatewayError } from '../../http/errors.ts'
import type { Count } from './count.ts'

/** What a login holds that is let pass among those of its key. */
export type Permit = { release(failed: boolean): void }

export type Queue = ReturnType<typeof createQueue>

/** `returned`: points given back so far: shows that a refusal was right when it was given, and no longer is. */
type Line = { inside: number; returned: number; readonly waiting: Set<() => void> }

/**
 * Lets logins pass, by key: as many side by side as the key has failures left.
 * A login takes a point before it goes to the backend, and gives it back unless it failed. If failures were counted when they come back, any number of
 * parallel guesses would pass. So logins under way count, too. A login that finds the count full waits while one of them may still give its point back,
 * and is refused when none can.
 */
export function createQueue(kind: string, count: Count) {
  const lines = new Map<string, Line>()

  function leave(key: string, line: Line, gaveBack: boolean) {
    line.inside--
    if (gaveBack) line.returned++
    const [next] = line.waiting
    if (line.inside === 0 && !next) lines.delete(key)
    // one point, one login; with nobody inside there is nothing to wait for, so that each refused one wakes the next
    if (gaveBack || line.inside === 0) next?.()
  }

  return {
    /**
     * @param signal aborted when the client leaves
     * @throws GatewayError TOO_MANY; the signal's reason
     */
    async enter(key: string, signal: AbortSignal): Promise<Permit> {
      for (;;) {
        const line = lines.getOrInsertComputed(key, () => ({ inside: 0, returned: 0, waiting: new Set() }))
        const { returned } = line
        line.inside++
        const taken = await count.take(key)
        if ('giveBack' in taken) {
          const permit: Permit = {
            release(failed) {
              if (!failed) void taken.giveBack()
              leave(key, line, !failed)
            },
          }
          if (!signal.aborted) return permit
          permit.release(false)
        } else leave(key, line, false)
        signal.throwIfAborted()
        if ('fullForMs' in taken && returned === line.returned) {
          if (line.inside === 0) throw tooMany(kind, taken.fullForMs)
          await wait(line, taken.fullForMs, signal)
        }
      }
    },
  }
}

/** Resolves when a point has come back, when the window is over, or when the client leaves. */
function wait({ waiting }: Line, ms: number, signal: AbortSignal): Promise<void> {
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
