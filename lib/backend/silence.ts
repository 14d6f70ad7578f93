/** An address that has sent nothing for so long after a request is avoided; a new connection then shows whether it can be reached. */
const SILENT_MS = 250

/**
 * Remembers since when each address owes an answer and has sent nothing. A machine that is gone does not close its connections; without this, each of
 * them would cost one request BACKEND_TIMEOUT.
 */
export function createSilence() {
  // an entry stays as long as its address: entries that come and go with each request make a Map rebuild its table (docs/where-the-time-goes.md)
  const known = new Map<string, { owesSince: number | undefined; heardAt: number; answeredAt: number }>()

  const entryOf = (address: string) =>
    known.getOrInsertComputed(address, () => ({ owesSince: undefined, heardAt: 0, answeredAt: 0 }))

  /** A connection was set up there. That shows a machine, and not that its server answers. */
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
