import { GatewayError } from '../errors.ts'

/** One try at sending a request over one connection. */
export type Attempt = {
  /** whether the connection had carried a request before */
  readonly reused: boolean
  /** when the connection was handed to the request, just before its first byte was written; ms, monotonic */
  readonly sentAt: number
  /** the least that a round trip to the address takes, in ms */
  readonly roundTripMs: number
  /** whether any byte of a response has come */
  answered: boolean
}

/** RFC 9110 §9.2.2; CONNECT and TRACE never get this far. */
const IDEMPOTENT = ['GET', 'HEAD', 'OPTIONS', 'PUT', 'DELETE']

const isClosedOrReset = (error: unknown) =>
  error instanceof Error && 'code' in error && (error.code === 'ECONNRESET' || error.code === 'EPIPE')

/**
 * Rule 1: a request that was sent is sent again only if it provably was not executed, or if it is idempotent and
 * this was its first try. The proof, for a reused connection that was closed or reset without a response byte: seen
 * sooner after the write than a round trip, the close had left the backend before the request can have arrived
 * (docs/decisions/0006).
 * @param error what ended the attempt; an error of the table (nothing was sent, or time ran out) is final
 * @param tries how often the request has been sent, this attempt included
 * @param now ms, on the clock of `sentAt`
 */
export function mayBeSentAgain(
  error: unknown,
  { reused, sentAt, roundTripMs, answered }: Attempt,
  method: string,
  tries: number,
  now: number,
): boolean {
  if (answered || error instanceof GatewayError || !isClosedOrReset(error) || tries > 2) return false
  const notExecuted = reused && now - sentAt < roundTripMs
  return notExecuted || (tries === 1 && IDEMPOTENT.includes(method))
}
