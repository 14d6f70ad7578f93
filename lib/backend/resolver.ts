import { promises as dns, type RecordWithTtl } from 'node:dns'
import { unwatchFile, watchFile } from 'node:fs'
import { isIP } from 'node:net'
import { systemErrorCode } from '../http/errors.ts'
import { askServers, isNoSuchName, NEXT_MS } from './ask-servers.ts'
import {
  candidatesOf,
  inHosts,
  type NameFiles,
  type ResolvConf,
  readResolvConf,
  SYSTEM,
} from './system-names.ts'

/** One answer: the addresses, and for how many milliseconds they may be cached. */
export type DnsAnswer = {
  readonly addresses: readonly string[]
  /** Infinity: until the hosts file changes, or for ever */
  readonly ttlMs: number
  /** the hosts file that names them; absent: DNS does, or they need no question */
  readonly file?: string
  /** the name of the search list that DNS knows; absent: the one that was asked for */
  readonly name?: string
}

/** Asks for the addresses of one name. Rejects on a timeout, SERVFAIL, NXDOMAIN or an empty answer. */
export type Resolve = () => Promise<DnsAnswer>

type Family = 4 | 6
type FamilySetting = '4' | '6' | 'both'

/** A name that has had an address is the right one for so long at least, whatever DNS says of it meanwhile. */
const RIGHT_MS = 300_000
/** How often it is looked whether the hosts file is another one. */
const WATCH_MS = 1000

const familiesOf = (family: FamilySetting): Family[] =>
  family === 'both' ? [4, 6] : [family === '6' ? 6 : 4]

const LOCALHOST = /^(.+\.)?localhost\.?$/i

/**
 * How the addresses of `hostname` are asked for, as the system does it: the hosts file first, then DNS with the search
 * list of resolv.conf. Both files are read at each question.
 * @param hostname a name, or an IP literal as URLs write it (IPv6 in brackets), or `localhost`: these two need no question
 * @param servers resolvers; with any, resolv.conf is not read; empty: the system's
 * @throws an error with the code of the failure, that names who was asked for what
 */
export function createResolver(
  hostname: string,
  servers: readonly string[],
  family: FamilySetting,
  files: NameFiles = SYSTEM,
): Resolve {
  const literal = hostname.replace(/^\[|\]$/g, '')
  if (isIP(literal)) return async () => ({ addresses: [literal], ttlMs: Number.POSITIVE_INFINITY })
  // RFC 6761 §6.3. It is one machine, and one address: whoever connects to it tries both families
  if (LOCALHOST.test(hostname))
    return async () => ({ addresses: ['localhost'], ttlMs: Number.POSITIVE_INFINITY })

  const families = familiesOf(family)
  const askDns = createDns(family)
  return async () => {
    const named = await inHosts(files.hosts, hostname)
    const addresses = named.filter(each => families.some(wanted => wanted === isIP(each)))
    if (addresses.length > 0) return { addresses, ttlMs: Number.POSITIVE_INFINITY, file: files.hosts }
    const conf = await confOf(servers, files)
    try {
      return await askDns(hostname, conf)
    } catch (error) {
      const inFile =
        named.length > 0
          ? `${files.hosts} has only ${named.join(', ')}, and DNS_FAMILY is ${family}`
          : `${files.hosts} does not name it`
      throw explained(error, hostname, conf, inFile)
    }
  }
}

/**
 * Calls back when the hosts file has changed: bind mounts and files that are renamed into place show no event, so it is
 * looked at once a second. @returns what ends it
 */
export function watchHosts(onChange: () => void, { hosts }: NameFiles = SYSTEM): () => void {
  // one watcher for all backends: Node calls the eleventh listener a leak
  watchFile(hosts, { interval: WATCH_MS, persistent: false }, onChange).setMaxListeners(0)
  return () => unwatchFile(hosts, onChange)
}

/** Whom a name is asked of, and with which search list. With servers of their own resolv.conf is not read. */
export const confOf = async (servers: readonly string[], { resolvConf } = SYSTEM): Promise<ResolvConf> =>
  servers.length > 0 ? { servers, search: [], ndots: 0 } : readResolvConf(resolvConf)

/** Asks DNS for the names of the search list, one after the other, until one has an address. */
export function createDns(family: FamilySetting) {
  const families = familiesOf(family)
  const askers = new Map<string, (servers: string[]) => Promise<DnsAnswer>>()
  let known: { name: string; at: number } | undefined

  return async (hostname: string, conf: ResolvConf): Promise<DnsAnswer> => {
    const names = candidatesOf(hostname, conf)
    for (const each of askers.keys()) if (!names.includes(each)) askers.delete(each)
    const servers = conf.servers.length > 0 ? [...conf.servers] : dns.getServers()
    const right = names.find(each => each === known?.name && performance.now() - known.at < RIGHT_MS)
    let failure: unknown
    let isOver = false
    for (const name of names) {
      if (isOver && name !== (right ?? hostname)) continue
      const ask = askers.getOrInsertComputed(name, () => createAsker(name, families))
      try {
        const answer = await ask(servers)
        known = { name, at: performance.now() }
        return name === hostname ? answer : { ...answer, name }
      } catch (error) {
        // the name that was the right one until now has only failed: another one's addresses, of a wildcard for one, are not its own
        if (name === right) throw error
        // as glibc: the next name comes after NXDOMAIN, no address and SERVFAIL; after REFUSED and silence only the name as it stands,
        // where none has been the right one
        isOver ||= !isNoSuchName(error) && systemErrorCode(error) !== dns.SERVFAIL
        if (failure === undefined || isNoSuchName(failure)) failure = error
      }
    }
    throw failure
  }
}

/** The same error in words that say who was asked for what. */
function explained(error: unknown, hostname: string, conf: ResolvConf, inFile: string): Error {
  const code = systemErrorCode(error)
  const asked = conf.servers.length > 0 ? conf.servers.join(', ') : "the system's resolver"
  const names = candidatesOf(hostname, conf).join(', ')
  const says = isNoSuchName(error) ? 'no address' : error instanceof Error ? error.message : String(error)
  const message = `${says}: ${inFile}; ${asked} was asked for ${names}`
  return Object.assign(new Error(message), { code })
}

/** A family that is silent shall not keep the other one's new addresses from those who wait for them (RFC 8305 §3). */
const endSoon = (question: AbortController) => void setTimeout(() => question.abort(), NEXT_MS).unref()

/** Asks DNS for one name. A family that fails keeps its own last answer, so that a failing AAAA never spoils a good A. */
function createAsker(name: string, families: readonly Family[]) {
  const last = new Map<Family, readonly RecordWithTtl[]>()

  return async (servers: string[]): Promise<DnsAnswer> => {
    const question = new AbortController()
    const { signal } = question
    const failures: unknown[] = []
    let answered = false

    async function ask(family: Family) {
      const resolve = family === 4 ? 'resolve4' : 'resolve6'
      try {
        last.set(family, await askServers(servers, each => each[resolve](name, { ttl: true }), signal))
        answered = true
        endSoon(question)
      } catch (error) {
        if (isNoSuchName(error)) last.delete(family)
        else failures.push(error)
      }
    }

    await Promise.all(families.map(ask))
    const records = families.flatMap(each => last.get(each) ?? [])
    // only what was remembered: the address cache has that itself, and is to know that DNS fails
    if (records.length === 0 || !answered) throw failures[0] ?? noAddress()
    return {
      addresses: [...new Set(records.map(record => record.address))],
      ttlMs: Math.min(...records.map(record => record.ttl)) * 1000,
    }
  }
}

const noAddress = () => Object.assign(new Error('no address'), { code: dns.NOTFOUND })
