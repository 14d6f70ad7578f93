import { GatewayError } from '../errors.ts'

/** One try at sending a request over one connection. */
export type Attempt = {
  readonly address: string
  /** whether the backend was asked first (`Expect: 100-continue`) before the body leaves */
  readonly asked: boolean
  /** whether the body is still here, since the backend has not said 100 yet */
  held: boolean
  /** whether it said nothing for CONNECT_TIMEOUT */
  silent: boolean
  /** whether any byte of a response has come */
  answered: boolean
  /** whether not even the first byte of the request was written */
  untouched(): boolean
}

/** A request is sent so often at most. */
export const MOST_TRIES = 3

/** RFC 9110 §9.2.2; CONNECT and TRACE never get this far. */
const IDEMPOTENT = ['GET', 'HEAD', 'OPTIONS', 'PUT', 'DELETE']

const isClosedOrReset = (error: unknown) =>
  error instanceof Error && 'code' in error && (error.code === 'ECONNRESET' || error.code === 'EPIPE')

/** Whether nobody can have executed the request: nothing of it was written, or its body is still here. */
export const isUnexecuted = (attempt: Attempt): boolean =>
  !attempt.answered && (attempt.held || attempt.untouched())

/**
 * Rule 1: a request is sent again only if it provably was not executed, or if it is idempotent and this was its first
 * try (docs/decisions/0006).
 * @param error what ended the attempt; any but a close, a reset or the backend's silence before the body is final
 * @param tries how often the request has been handed to a connection, this attempt included
 */
export function mayBeSentAgain(error: unknown, attempt: Attempt, method: string, tries: number): boolean {
  if (attempt.answered || tries >= MOST_TRIES) return false
  if (attempt.silent) return attempt.held
  if (error instanceof GatewayError || !isClosedOrReset(error)) return false
  return isUnexecuted(attempt) || (tries === 1 && IDEMPOTENT.includes(method))
}
