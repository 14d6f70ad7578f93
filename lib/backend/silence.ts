/** An address that has said nothing for so long since something was sent is avoided: a dial tells whether it is there. */
const SILENT_MS = 250

/**
 * Since when each address owes an answer and nothing at all has come from it. A machine that is gone closes none of its
 * connections, so that each of them would keep a request for BACKEND_TIMEOUT.
 */
export function createSilence() {
  // an entry stays with its address: one that comes and goes with each request would make the Map a new table again and again
  const known = new Map<string, { owesSince: number | undefined; heardAt: number; answeredAt: number }>()

  const entryOf = (address: string) =>
    known.getOrInsertComputed(address, () => ({ owesSince: undefined, heardAt: 0, answeredAt: 0 }))

  /** A connection was set up there, for which a kernel is enough. */
  function heard(address: string) {
    const entry = entryOf(address)
    entry.owesSince = undefined
    entry.heardAt = performance.now()
    return entry
  }

  return {
    sent(address: string) {
      entryOf(address).owesSince ??= performance.now()
    },
    heard: (address: string) => void heard(address),
    answered(address: string) {
      const entry = heard(address)
      entry.answeredAt = entry.heardAt
    },
    /** When anything came from there last, on whatever connection: since then it may be gone. */
    heardAt: (address: string): number => known.get(address)?.heardAt ?? 0,
    answeredAt: (address: string): number => known.get(address)?.answeredAt ?? 0,
    /** A login has met silence there: it is avoided from now on. */
    suspect(address: string) {
      const entry = known.get(address)
      if (entry?.owesSince !== undefined) entry.owesSince = Number.NEGATIVE_INFINITY
    },
    /** It has left, or nobody is there any more. */
    forget: (address: string) => void known.delete(address),
    isSilent(address: string): boolean {
      const at = known.get(address)?.owesSince
      return at !== undefined && performance.now() - at > SILENT_MS
    },
  }
}

export type Silence = ReturnType<typeof createSilence>
