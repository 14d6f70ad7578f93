/** An address that has said nothing for so long since something was sent is avoided: a dial tells whether it is there. */
const SILENT_MS = 250

/**
 * Since when each address owes an answer and nothing at all has come from it. A machine that is gone closes none of its
 * connections, so that each of them would keep a request for BACKEND_TIMEOUT.
 */
export function createSilence() {
  // an entry stays with its address: one that comes and goes with each request would make the Map a new table again and again
  const known = new Map<string, { owesSince: number | undefined; heardAt: number }>()
  return {
    /** A request was sent there. */
    sent(address: string) {
      const entry = known.get(address)
      if (!entry) known.set(address, { owesSince: performance.now(), heardAt: 0 })
      else entry.owesSince ??= performance.now()
    },
    /** A byte came from there, or a connection was set up. */
    heard(address: string) {
      const entry = known.get(address)
      if (!entry) return void known.set(address, { owesSince: undefined, heardAt: performance.now() })
      entry.owesSince = undefined
      entry.heardAt = performance.now()
    },
    /** When anything came from there last, on whatever connection: since then it may be gone. */
    heardAt: (address: string): number => known.get(address)?.heardAt ?? 0,
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
