import { promises as dns } from 'node:dns'
import { systemErrorCode } from '../http/errors.ts'
import { setOwnTimeout } from './own-time.ts'

/** After so long without an answer the next server is asked as well, or the only one again. */
export const NEXT_MS = 250
/** So often each server is asked. Four times in a second: one that is back after that second is heard inside the dials that wait for it (2 × CONNECT_TIMEOUT). */
const TRIES = 4

/**
 * Asks DNS servers in their order, several times, and takes the first answer, a late one too. c-ares alone is not enough: as Node sets it up
 * (ARES_FLAG_NOCHECKRESP) it takes SERVFAIL and REFUSED of the first server for the answer, where glibc asks the next one; and it ignores an answer to
 * an earlier try, so that a server that always takes 300 ms would never be heard.
 * @param servers in order; a silent one is moved to the end, so that the names of a search list do not all wait for it
 * @param ask asks one question once, by a resolver with one server
 * @param signal ends it
 * @throws "no such name" or "no address"; otherwise the first server's failure, or ETIMEOUT
 */
export function askServers<T>(
  servers: string[],
  ask: (resolver: dns.Resolver) => Promise<T>,
  signal: AbortSignal,
): Promise<T> {
  return new Promise((resolve, reject) => {
    let left = Array.from({ length: TRIES }, () => servers).flat()
    const underWay = new Set<dns.Resolver>()
    let failure: unknown
    let clearOwnTimeout = () => {}

    const finish = (settle: () => void) => {
      clearOwnTimeout()
      for (const each of underWay) each.cancel()
      underWay.clear()
      settle()
    }

    const giveUp = () => finish(() => reject(failure ?? silence()))
    signal.addEventListener('abort', giveUp)

    function next() {
      clearOwnTimeout()
      const [server, ...rest] = left
      if (server === undefined) return giveUp()
      left = rest
      clearOwnTimeout = setOwnTimeout(NEXT_MS, () => {
        if (servers[0] === server) servers.push(...servers.splice(0, 1))
        next()
      })
      askOne(server)
    }

    async function askOne(server: string) {
      const resolver = new dns.Resolver({ timeout: 2 * NEXT_MS * TRIES, tries: 1 })
      underWay.add(resolver)
      try {
        resolver.setServers([server])
        const answer = await ask(resolver)
        if (underWay.delete(resolver)) finish(() => resolve(answer))
      } catch (error) {
        if (!underWay.delete(resolver)) return
        if (isNoSuchName(error)) return finish(() => reject(error))
        failure ??= error
        left = left.filter(each => each !== server)
        if (left.length > 0 || underWay.size === 0) next()
      }
    }

    next()
  })
}

const silence = () => Object.assign(new Error('no answer'), { code: dns.TIMEOUT })

export function isNoSuchName(error: unknown): boolean {
  const code = systemErrorCode(error)
  return code === dns.NODATA || code === dns.NOTFOUND
}
