import { promises as dns } from 'node:dns'
import { isIP } from 'node:net'
import CacheableLookup from 'cacheable-lookup'

/** One answer of DNS: the addresses, and for how many milliseconds they may be believed. */
export type DnsAnswer = { readonly addresses: readonly string[]; readonly ttlMs: number }

/** Asks for the addresses of one name. Rejects on a timeout, SERVFAIL, NXDOMAIN or an empty answer. */
export type Resolve = () => Promise<DnsAnswer>

type Family = 4 | 6

/**
 * One try; then c-ares asks the next server, or again. Node looks at its timeouts in steps of this, so that a try can
 * take twice as long. Short and equal tries, where c-ares would double them: a resolver that is back after a second
 * is heard inside the dials that wait for it (2 × CONNECT_TIMEOUT).
 */
const TIMEOUT_MS = 250
const TRIES = 4

const familiesOf = (family: '4' | '6' | 'both'): Family[] =>
  family === 'both' ? [4, 6] : [family === '6' ? 6 : 4]

/**
 * How the addresses of `hostname` are asked for.
 * @param hostname a name, or an IP literal as URLs write it (IPv6 in brackets), or `localhost`: these two need no DNS
 * @param servers resolvers; empty: the system's
 */
export function createResolver(
  hostname: string,
  servers: readonly string[],
  family: '4' | '6' | 'both',
): Resolve {
  const families = familiesOf(family)
  const literal = hostname.replace(/^\[|\]$/g, '')
  if (isIP(literal)) return async () => ({ addresses: [literal], ttlMs: Number.POSITIVE_INFINITY })
  if (/^localhost\.?$/i.test(hostname)) {
    const addresses = families.map(each => (each === 4 ? '127.0.0.1' : '::1'))
    return async () => ({ addresses, ttlMs: Number.POSITIVE_INFINITY })
  }
  return askDns(hostname, servers, families)
}

function askDns(hostname: string, servers: readonly string[], families: readonly Family[]): Resolve {
  const resolver = new dns.Resolver({ timeout: TIMEOUT_MS, maxTimeout: TIMEOUT_MS, tries: TRIES })
  if (servers.length > 0) resolver.setServers(servers)
  let failures: unknown[] = []
  let answered = false

  // cacheable-lookup always asks for both families and rejects both when one fails. A family that is not wanted
  // answers nothing here; one that fails keeps its own last answer, so that a failing AAAA never spoils a good A.
  const asking = (family: Family) => {
    if (!families.includes(family)) return async () => []
    const ask = family === 4 ? resolver.resolve4.bind(resolver) : resolver.resolve6.bind(resolver)
    let last: { address: string; ttl: number }[] = []
    return async (name: string) => {
      try {
        last = await ask(name, { ttl: true })
        answered = true
      } catch (error) {
        if (isNoSuchName(error)) last = []
        else failures.push(error)
      }
      return last.map(({ address, ttl }) => ({ address, ttl }))
    }
  }
  const perFamily = Object.assign(resolver, { resolve4: asking(4), resolve6: asking(6) })

  // An instance for this name alone, with all that hides what DNS says turned off (docs/decisions/0002).
  const lookup = new CacheableLookup({
    resolver: perFamily,
    maxTtl: 0,
    errorTtl: 0,
    lookup: false,
    fallbackDuration: 0,
  })

  return async () => {
    failures = []
    answered = false
    const records = await lookup.lookupAsync(hostname, { all: true }).catch((error: unknown) => {
      throw failures[0] ?? error
    })
    // only what was remembered: the address cache has that itself, and is to know that DNS fails
    if (!answered) throw failures[0]
    return {
      addresses: [...new Set(records.map(record => record.address))],
      ttlMs: Math.min(...records.map(record => record.ttl ?? 0)) * 1000,
    }
  }
}

const isNoSuchName = (error: unknown) =>
  error instanceof Error && 'code' in error && (error.code === dns.NODATA || error.code === dns.NOTFOUND)
