import type { Log } from '../log.ts'
import type { Words } from '../settings/words.ts'
import { describeReaction, type Reaction } from './probe.ts'

/**
 * What is known of one address. `unknown`: not probed, or too long ago. `probed`: it said 100 to a path that no handler
 * serves; the next login that goes over an unused connection waits for 100, too. `proven`: that login was answered as it
 * should be. `unproven`: it does not say 100 before it routes. `refused`: it answered 4xx or 5xx in place of 100, as a filter
 * does before the application, and a handler that has acted and not read.
 */
type Standing = 'unknown' | 'probed' | 'proven' | 'unproven' | 'refused'

type Entry = {
  standing: Standing
  /** of the newest reaction or contradiction, for people */
  says: Words
  probing: boolean
  /** from when on the probe that is under way counts as unanswered: the address probably says no 100 before it routes */
  silentFrom: number
  /** when it may be probed again, on performance.now()'s clock */
  nextProbeAt: number
  /** until when the last probe that passed counts */
  validUntil: number
  /** no connection could be set up: behind the next one may be another server */
  mayBeAnother: boolean
  /** counts what takes a proof away, so that a probe from before it gives none */
  losses: number
  /** how often it has answered in place of 100 while it was relied on */
  answers: number
  /** logins that have met silence there, which may yet end with a 100: meanwhile it is not relied on */
  doubts: number
  /** smoothed time that it takes to say 100, and its deviation, in ms (as RFC 6298 §2 has it) */
  smoothMs?: number
  deviationMs: number
}

/** A proof is renewed when it is used after this time, and counts for twice as long. */
const RENEW_MS = 30_000
/** After a contradiction, or a probe that failed. */
const AGAIN_MS = 60_000
/** Upper limit of that time, which each answer in place of 100 doubles: a server that says 100 only when its handler reads passes every probe. */
const MOST_AGAIN_MS = 3_600_000
/** After a proof that ended without one, and after a probe that found no connection. */
const SOON_MS = 1000
/** A server that says 100 before it routes has said it by then, unless its machine is busy. */
const SILENT_MS = 250
const NEVER = Number.POSITIVE_INFINITY
/** No shorter time-out: a garbage collection of the backend, or of this process, is no silence. */
const FLOOR_MS = 100
/** Addresses that have left are forgotten beyond so many. */
const MOST = 256

const NOT_PROBED: Words = { en: 'not asked yet', ja: '100-continue：未確認' }

export type Expectations = ReturnType<typeof createExpectations>

/**
 * Which addresses have proven that they say 100 before they route: there, a request of which only the head has left was
 * not executed (docs/decisions/0006).
 * @param probe probes one address
 * @param mostMs half of it is the longest time-out
 */
export function createExpectations(probe: (address: string) => Promise<Reaction>, mostMs: number, log: Log) {
  const entries = new Map<string, Entry>()
  /** final answers in place of 100, of all addresses */
  let answers = 0

  function entryOf(address: string): Entry {
    const known = entries.get(address)
    if (known) return known
    for (const oldest of entries.keys()) {
      if (entries.size < MOST) break
      entries.delete(oldest)
    }
    const entry: Entry = {
      standing: 'unknown',
      says: NOT_PROBED,
      probing: false,
      silentFrom: NEVER,
      nextProbeAt: 0,
      validUntil: 0,
      mayBeAnother: false,
      losses: 0,
      answers: 0,
      doubts: 0,
      deviationMs: 0,
    }
    entries.set(address, entry)
    return entry
  }

  /** As of now: a proof that is too old is none. */
  function standingOf(address: string): Standing {
    const entry = entries.get(address)
    if (!entry) return 'unknown'
    const { standing, validUntil } = entry
    return (standing === 'proven' || standing === 'probed') && performance.now() > validUntil
      ? 'unknown'
      : standing
  }

  /** Call for an address that a request would like to rely on: probes it where that is due, and returns at once. */
  async function probeIfDue(address: string): Promise<void> {
    const entry = entryOf(address)
    if (entry.probing || performance.now() < entry.nextProbeAt) return
    entry.probing = true
    const { losses } = entry
    entry.silentFrom = performance.now() + SILENT_MS
    const reaction = await probe(address)
    entry.probing = false
    entry.silentFrom = NEVER
    const now = performance.now()
    if (entry.losses !== losses) return
    entry.says = describeReaction(reaction)
    if (reaction.does === 'continues') {
      note(entry, reaction.ms)
      if (standingOf(address) !== 'proven') entry.standing = 'probed'
      entry.nextProbeAt = now + RENEW_MS
      entry.validUntil = now + 2 * RENEW_MS
    } else if (reaction.does === 'unreachable') {
      if (isRelied(entry)) entry.mayBeAnother = true
      else entry.standing = 'unknown'
      entry.nextProbeAt = now + SOON_MS
    } else {
      if (entry.standing !== 'unproven') warn(address, entry.says.en)
      entry.standing = 'unproven'
      entry.nextProbeAt = now + AGAIN_MS
    }
  }

  const isRelied = ({ standing }: Entry) => standing === 'proven' || standing === 'probed'

  function lose(entry: Entry, standing: Standing, cause: Words) {
    entry.losses++
    entry.standing = standing
    entry.says = cause
    const againMs = Math.min(AGAIN_MS * 2 ** Math.max(entry.answers - 1, 0), MOST_AGAIN_MS)
    entry.nextProbeAt = performance.now() + againMs
  }

  /** Another server may stand there now: its last connection has closed, or one was set up where none could be before. */
  function forget(address: string) {
    const entry = entries.get(address)
    if (!entry) return
    entry.mayBeAnother = false
    if (entry.standing === 'unproven' || entry.standing === 'refused') return
    entry.losses++
    entry.silentFrom = NEVER
    entry.standing = 'unknown'
    entry.nextProbeAt = performance.now() + SOON_MS
  }

  const warn = (address: string, cause: string) =>
    log.warn(
      { address, cause },
      'the backend does not answer Expect: 100-continue with 100 before it routes; logins to it use new connections',
    )

  return {
    probeIfDue: (address: string) => void probeIfDue(address),
    /** Whether a request of which only the head has left was not executed there. */
    isProven: (address: string) => standingOf(address) === 'proven' && entries.get(address)?.doubts === 0,
    /** Whether a login over an unused connection shall wait for 100, to see that the login's own path does the same. */
    isProbed: (address: string) => standingOf(address) === 'probed',
    /** Whether it is known not to say 100 before it routes, or seems not to. */
    isUnproven(address: string): boolean {
      const standing = standingOf(address)
      const { silentFrom = NEVER } = entries.get(address) ?? {}
      const seemsSo = standing === 'unknown' && performance.now() >= silentFrom
      return standing === 'unproven' || standing === 'refused' || seemsSo
    },
    /** Whether the latter: then it may be a filter alone, and its connections are as good as any. */
    isRefused: (address: string) => standingOf(address) === 'refused',
    /** How often the backend has answered finally in place of 100: each of these takes the proof away from all that is under way. */
    answers: () => answers,
    /** A login has waited there for longer than that time-out. @returns to be called when that has come to an end */
    doubt(address: string): () => void {
      const entry = entryOf(address)
      entry.doubts++
      return () => void entry.doubts--
    },
    continued(address: string, ms: number) {
      const entry = entryOf(address)
      note(entry, ms)
      if (entry.standing === 'probed') entry.standing = 'proven'
    },
    /**
     * The address sent a final answer in place of 100: its proof is lost at once. A success shows that the handler acted without the body. A refusal may
     * show the same: from outside, a filter that did nothing (RFC 9110 §10.1.1) and a handler that acted and did not read look alike
     * (docs/decisions/0006). The backend's other addresses run the same software and lose their proofs, too.
     */
    answered(address: string, status: number) {
      const cause = {
        en: `${status} in place of 100`,
        ja: `100-continue：100 を返さずログインに ${status} で応答`,
      }
      const isRefusal = status >= 400
      answers++
      if (isRefusal && entryOf(address).standing === 'unproven') return
      if (isRelied(entryOf(address)))
        log.info({ address, cause: cause.en }, 'Expect: 100-continue is not used for a while')
      for (const [other, entry] of entries) {
        if (other !== address && !isRelied(entry)) continue
        if (isRelied(entry)) entry.answers++
        lose(entry, isRefusal ? 'refused' : 'unproven', cause)
      }
    },
    /** It did what an address that says 100 before it routes does not: the proof is lost at once. */
    contradicted(address: string, cause: Words) {
      const entry = entryOf(address)
      if (entry.standing !== 'unproven') warn(address, cause.en)
      lose(entry, 'unproven', cause)
    },
    forget,
    /** No connection could be set up there. Those that are open still lead to the server that has proven itself. */
    unreachable(address: string) {
      const entry = entries.get(address)
      if (entry) entry.mayBeAnother = true
    },
    connected(address: string) {
      if (entries.get(address)?.mayBeAnother) forget(address)
    },
    /** For how long a login waits there for 100 before it tries another connection, in ms. */
    continueTimeoutMs(address: string): number {
      const { smoothMs = 0, deviationMs = 0 } = entries.get(address) ?? {}
      return Math.min(Math.max(smoothMs + 4 * deviationMs, FLOOR_MS), mostMs / 2)
    },
    /** In words, for people. */
    describe: (address: string): Words => entries.get(address)?.says ?? NOT_PROBED,
  }
}

function note(entry: Entry, ms: number) {
  const { smoothMs } = entry
  entry.deviationMs =
    smoothMs === undefined ? ms / 2 : 0.75 * entry.deviationMs + 0.25 * Math.abs(smoothMs - ms)
  entry.smoothMs = smoothMs === undefined ? ms : 0.875 * smoothMs + 0.125 * ms
}
