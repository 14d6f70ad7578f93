import { isIP } from 'node:net'
import proxyAddr from 'proxy-addr'
import type { Client } from '../observe/outcome.ts'

/** Whether X-Forwarded-* of this address is trusted. */
export type Trust = (address: string, hop: number) => boolean

/** The first so many are remembered; none is taken out again for another, as a Map pays for that. */
const MOST_KNOWN = 1000

/**
 * Whom TRUSTED_PROXIES names. Behind a load balancer the same few addresses come again with each request: they are parsed once.
 * @throws TypeError at what is no address and no range
 */
export function trustOf(proxies: readonly string[]): Trust {
  const isTrusted = proxyAddr.compile([...proxies])
  const known = new Map<string, boolean>()
  return (address, hop) => {
    const remembered = known.get(address)
    if (remembered !== undefined) return remembered
    const trusted = isTrusted(address, hop)
    if (known.size < MOST_KNOWN) known.set(address, trusted)
    return trusted
  }
}

/** How many entries of X-Forwarded-For are looked at, from the right: a CDN, two load balancers and a proxy are four. */
export const MOST_HOPS = 32

/** The other end of a connection: its address, and whether that is a trusted proxy's. */
export type Peer = { readonly own: string; readonly isTrusted: boolean }

type Asked = {
  readonly client: Client
  /** how many trusted proxies there are between the client and the peer; undefined where the peer itself is none */
  readonly hops: number | undefined
}

/**
 * Who asks. X-Forwarded-For is read from the right, since each proxy appends the address that it saw: as long as addresses
 * are trusted proxies', the one to the left of them is trusted, too. What an untrusted address has to its left it may have
 * written itself. It ends at what is no address: its sender named no client.
 * @param chain X-Forwarded-For as it came; only the last 32 entries count
 */
export function whoAsks({ own, isTrusted }: Peer, chain: string | undefined, trust: Trust): Asked {
  const isNamed = chain !== undefined && /[^\s,]/.test(chain)
  if (!isTrusted)
    return { client: { address: own, is: isNamed ? 'client-or-proxy' : 'client' }, hops: undefined }
  if (!isNamed) return { client: { address: own, is: 'client-or-proxy' }, hops: 0 }
  let client: Client = { address: own, is: 'proxy' }
  let hops = 0
  for (const entry of fromTheRight(chain)) {
    const address = addressOf(entry)
    if (address === undefined) break
    client = { address, is: 'client' }
    if (!trust(address, hops + 1)) break
    hops++
  }
  return { client, hops }
}

/** The entries of a list that are not empty (RFC 9110 §5.6.1), the last first, and at most so many. */
function* fromTheRight(list: string) {
  let end = list.length
  for (let count = 0; count < MOST_HOPS && end > 0; ) {
    const comma = list.lastIndexOf(',', end - 1)
    const entry = list.slice(comma + 1, end).trim()
    end = comma
    if (entry === '') continue
    count++
    yield entry
  }
}

/**
 * The entry of a list that was written by the outermost of the trusted proxies: each appends its own. A shorter list was
 * written by fewer of them, and its first counts.
 * @param hops as `whoAsks` has it
 */
export function entryAt(list: string, hops: number): string | undefined {
  let last: string | undefined
  let index = 0
  for (const entry of fromTheRight(list)) {
    last = entry
    if (index++ === hops) break
  }
  return last
}

/**
 * The trusted proxies' own entries of X-Forwarded-For, without the client's, which may be in their range.
 * @param hops as `whoAsks` has it
 */
export function proxiesIn(chain: string | undefined, hops: number | undefined, client: string): string[] {
  if (chain === undefined || !hops) return []
  const entries = [...fromTheRight(chain)].slice(0, hops).reverse()
  return addressOf(entries[0] ?? '') === client ? entries.slice(1) : entries
}

/**
 * An address as it may stand in X-Forwarded-For: IPv4 or IPv6, in brackets or not, with a port or not, with a zone or not.
 * @returns it in its one spelling (RFC 5952), without port and zone, IPv4-mapped ones as IPv4; undefined where it is none
 */
export function addressOf(entry: string): string | undefined {
  if (entry.length > LONGEST) return undefined
  const [, inBrackets] = /^\[([^\]]*)\](?::\d{1,5})?$/.exec(entry) ?? []
  if (inBrackets !== undefined) return isIP(inBrackets) === 6 ? plainSix(inBrackets) : undefined
  const family = isIP(entry)
  if (family !== 0) return family === 4 ? entry : plainSix(entry)
  const [, alone] = /^(.+):\d{1,5}$/.exec(entry) ?? []
  return alone === undefined || isIP(alone) === 0 ? undefined : isIP(alone) === 4 ? alone : plainSix(alone)
}

/** An IPv6 address in full with an IPv4 tail, a zone, brackets and a port. */
const LONGEST = 100

function plainSix(address: string): string {
  const [bare = ''] = address.split('%', 1)
  const spelled = new URL(`http://[${bare}]`).hostname.slice(1, -1)
  const [, high, low] = /^::ffff:([\da-f]{1,4}):([\da-f]{1,4})$/.exec(spelled) ?? []
  if (high === undefined || low === undefined) return spelled
  return [high, low]
    .flatMap(each => [Number.parseInt(each, 16) >> 8, Number.parseInt(each, 16) & 255])
    .join('.')
}
