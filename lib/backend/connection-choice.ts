import http from 'node:http'
import type { Duplex } from 'node:stream'
import type { Expectations } from './expectation.ts'
import { holdsReads } from './paced-reads.ts'
import type { Pooled } from './pooled.ts'
import type { Silence } from './silence.ts'

/**
 * Which connection a request may take.
 * - `any`: a pooled connection, or a new one
 * - `expect-continue`: a pooled connection to an address that is proven to say 100 before it routes, or to one that answered a moment ago instead of
 * saying 100; otherwise as `unused`
 * - `unused`: a connection that has carried no request: no backend closes that for being idle
 * - `new`: a connection that is set up now, so that something is known to listen
 */
export type ConnectionChoice = 'any' | 'expect-continue' | 'unused' | 'new'

/** So many dials at once are enough to find out whether an address is there. */
const MOST_DIALS = 8

/** Shorter than the idle timeout of any known server: the shortest is that of gunicorn, 2 s. */
const FRESH_MS = 1000

/** What is known of the connections of a pool, and of their addresses. */
type Known = {
  readonly of: (socket: Duplex) => Pooled | undefined
  readonly silence: Silence
  readonly expectations: Expectations
}

/**
 * The idle connection that was used last, at an address that is not silent. It is moved to the end of `idle`, from where Node's agent takes the next
 * one.
 * A request that waits for 100 before its body loses nothing at a silent address. With many dials under way it takes one there: where everything is slow, one more dial
 * for each request would make it slower.
 * @param dials number of dials under way
 * @returns undefined where there is none, and for a request that needs an unused connection
 */
export function chooseIdle(
  choice: ConnectionChoice,
  idle: http.Agent['freeSockets'],
  pool: Known,
  dials: number,
) {
  if (choice === 'unused' || choice === 'new') return undefined
  const { of, silence, expectations } = pool
  const mayBeSilent = choice === 'expect-continue' && dials >= MOST_DIALS
  for (const sockets of Object.values(idle)) {
    for (let i = (sockets?.length ?? 0) - 1; i >= 0; i--) {
      const socket = sockets?.[i]
      const pooled = socket && of(socket)
      // Node's agent would hand it out until its `close` (nodejs/node#47130)
      if (!pooled || socket.destroyed || socket.readableEnded || holdsReads(socket)) continue
      const { address } = pooled.connection
      if (silence.isSilent(address) && !mayBeSilent) continue
      if (choice === 'expect-continue') expectations.probeIfDue(address)
      if (choice === 'expect-continue' && !expectations.isProven(address)) {
        const isFresh = performance.now() - pooled.idleSince < FRESH_MS
        if (!expectations.isRefused(address) || !isFresh) continue
      }
      sockets?.splice(i, 1)
      sockets?.push(socket)
      return socket
    }
  }
  return undefined
}

type Add = (request: http.ClientRequest, options: http.ClientRequestArgs, choice: ConnectionChoice) => void

/** An agent for each choice: all that http.request says of its connection is its agent. */
export function agentsByChoice(
  origin: http.AgentOptions,
  add: Add,
): Readonly<Record<ConnectionChoice, http.Agent>> {
  const agentFor = (choice: ConnectionChoice): http.Agent =>
    Object.assign(new http.Agent(origin), {
      addRequest: (request: http.ClientRequest, options: http.ClientRequestArgs) =>
        add(request, options, choice),
    })
  return {
    any: agentFor('any'),
    'expect-continue': agentFor('expect-continue'),
    unused: agentFor('unused'),
    new: agentFor('new'),
  }
}
