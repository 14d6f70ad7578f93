/** An address that has said nothing for so long since something was sent is avoided: a dial tells whether it is there. */
const SILENT_MS = 250

/**
 * Since when each address owes an answer and nothing at all has come from it. A machine that is gone closes none of its
 * connections, so that each of them would keep a request for BACKEND_TIMEOUT.
 */
export function createSilence() {
  const since = new Map<string, number>()
  return {
    /** A request was sent there. */
    sent(address: string) {
      if (!since.has(address)) since.set(address, performance.now())
    },
    /** A byte came from there, or a connection was set up. */
    heard: (address: string) => void since.delete(address),
    isSilent(address: string): boolean {
      const at = since.get(address)
      return at !== undefined && performance.now() - at > SILENT_MS
    },
  }
}
