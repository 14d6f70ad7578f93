import type { AddressCache } from './address-cache.ts'
import type { ConnectionAttempts } from './connection-attempts.ts'
import type { Failures } from './failing.ts'

/** An address that went silent, or closed a connection in place of an answer, is tried last for so long at most. */
const DEMOTED_MS = 5000

/**
 * Why an address is tried last: nothing came from it; it closed a new connection in place of an answer (`closes`), as a TCP load balancer
 * without a healthy target does; or one that had answered before (`broke off`), as a server that dies, or a handler that crashes.
 */
export type Demotion = 'silent' | 'closes' | 'broke off'

/** The addresses that DNS names, and those that the last answers left out. */
export const knownTo = ({ addresses: { listed, missing } }: AddressCache): string[] => [...listed, ...missing]

/**
 * Which addresses a dial may try, and in which order: by what DNS says, then by their load.
 * @param isVerified whether TLS proves that an address is still the backend
 */
export function createCandidates(
  cache: AddressCache,
  isVerified: boolean,
  failures: Failures,
  { loadOf, hasRoom }: Pick<ConnectionAttempts, 'loadOf' | 'hasRoom'>,
  demotions = new Map<string, { readonly at: number; readonly why: Demotion }>(),
) {
  const demotedAt = (address: string) => demotions.get(address)?.at ?? Number.NEGATIVE_INFINITY
  const isDemoted = (address: string) => performance.now() - demotedAt(address) < DEMOTED_MS

  /** Only where TLS proves that it is still the backend: over plain HTTP a password could reach a stranger (0004). */
  const departed = () => (isVerified ? cache.addresses.departed : [])

  /** Departed addresses come only for whom they are the last resort, and when every other fails, not when one is slow. */
  function all(lastResort: boolean): string[] {
    const known = knownTo(cache)
    return lastResort && known.every(failures.has) ? [...known, ...departed()] : known
  }

  return {
    all,

    /** The addresses that have to fail before a dial does, the departed ones among them. */
    everyone: () => [...knownTo(cache), ...departed()],

    /**
     * Whom a dial may try, best first.
     * @param askedDns whether DNS was asked since an attempt failed: departed addresses may come then
     */
    usable(askedDns: boolean): string[] {
      const { missing } = cache.addresses
      const known = knownTo(cache)
      const rank = (address: string) =>
        (isDemoted(address) ? 3 : 0) + (missing.includes(address) ? 1 : known.includes(address) ? 0 : 2)
      return all(askedDns)
        .filter(each => !failures.has(each) && hasRoom(each))
        .map(address => ({
          address,
          rank: rank(address),
          // if all are demoted: the one that closed last has the lowest load, and would get every request
          since: isDemoted(address) ? demotedAt(address) : 0,
          load: loadOf(address),
          dice: Math.random(),
        }))
        .sort((a, b) => a.rank - b.rank || a.since - b.since || a.load - b.load || a.dice - b.dice)
        .map(each => each.address)
    },

    isDemoted,
    demote(address: string, why: Demotion) {
      // those that have departed get no answer that would delete them
      for (const each of demotions.keys()) if (!isDemoted(each)) demotions.delete(each)
      demotions.set(address, { at: performance.now(), why })
    },
    /** A connection was set up there. That proves nothing for an address that closes new connections: it accepts them, too. */
    reached(address: string) {
      if (demotions.get(address)?.why === 'silent') demotions.delete(address)
    },
    /**
     * An answer came from there: the address is no longer tried last. Otherwise requests that crash their handler would move all others to one address.
     */
    answered(address: string, isNew: boolean) {
      const why = demotions.get(address)?.why
      if (why === 'broke off' || (why === 'closes' && isNew)) demotions.delete(address)
    },
  }
}

export type Candidates = ReturnType<typeof createCandidates>
