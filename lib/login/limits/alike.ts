import type { Log } from '../../log.ts'
import type { Client } from '../../observe/outcome.ts'

/** After so many logins of peers that may be proxies, and of nobody else. */
const MANY = 20
/** A load balancer has a few addresses of its own. */
const FEW = 4

/**
 * Says once in the log that all visitors look like one, so that the failures of one would lock out everybody: a load balancer
 * that TRUSTED_PROXIES does not name, or one that sends no X-Forwarded-For. Visitors who come straight from a private network
 * look the same until there are more than four of them.
 */
export function watchAlike(log: Log) {
  const peers = new Set<string>()
  let logins = 0
  let isOver = false

  function say(address: string, message: string) {
    isOver = true
    log.warn({ peer: address }, message)
  }

  return {
    /** Looks at the client of a login, before it is counted. */
    look({ address, is }: Client) {
      if (isOver) return
      if (is === 'proxy')
        return say(
          address,
          'X-Forwarded-For of a trusted proxy has no address that can be read: LOGIN_LIMIT does not count its logins',
        )
      logins++
      peers.add(address)
      if (is === 'client' || peers.size > FEW) isOver = true
      else if (logins === MANY) say(address, ALIKE)
    },
    refused({ address }: Client) {
      if (!isOver) say(address, ALIKE)
    },
  }
}

const ALIKE =
  'all visitors look like one to LOGIN_LIMIT so far: if this peer is a load balancer, the failures of one lock out all; TRUSTED_PROXIES must name it, and it must send X-Forwarded-For'
