import type { ConnectionChoice } from '../backend/connection-choice.ts'
import { ERRORS, GatewayError, systemErrorCode } from '../http/errors.ts'
import { IDEMPOTENT } from '../http/methods.ts'

/** One try at sending a request over one connection. */
export type Attempt = {
  readonly address: string
  /**
   * whether it was sent with `Expect` to an address that has proven that it says 100 before it routes, and has not answered
   * in place of a 100 since: then nothing was executed until the 100
   */
  proven(): boolean
  /** whether the body is not sent yet, since the backend has not said 100 */
  awaitsContinue: boolean
  /** whether a login at a proven address was given up, for no 100 came */
  silent: boolean
  /** whether any byte of a response has come */
  answered: boolean
  /** whether not even the first byte of the request was written */
  untouched(): boolean
}

/** A request is sent so often at most. */
export const MOST_TRIES = 3

/**
 * An idempotent request may meet a closed connection, since it is retried. Any other request must not, unless a close before 100 proves that it was not
 * executed. An address proves that for POST alone: Apache with mod_php says 100 to a PATCH only when its script reads.
 * @param mayRepeat whether its body, if any, is kept
 * @param mayExpectContinue whether its body can wait for 100 (`mayExpectContinue` of expect.ts)
 */
export function connectionChoiceFor(
  method: string,
  mayRepeat: boolean,
  mayExpectContinue: boolean,
): ConnectionChoice {
  if (mayRepeat && IDEMPOTENT.has(method)) return 'any'
  return mayExpectContinue && method === 'POST' ? 'expect-continue' : 'unused'
}

/**
 * Whether the other side ended the connection, also by a TLS alert: with TLS 1.3 a server that wants a client certificate says so after the handshake
 * (RFC 8446 §4.4.2.4). Or whether the kernel ended it: a machine that is gone no longer answers TCP keep-alive (RFC 9293 §3.8.4). If it has not
 * acknowledged the request, the kernel sends no probe, and BACKEND_TIMEOUT comes first.
 */
export const isClosedOrReset = (error: unknown): boolean => CLOSED.test(systemErrorCode(error) ?? '')
const CLOSED =
  /^(ECONNRESET|EPIPE|EPROTO|ERR_SSL_.*|ETIMEDOUT|EHOSTUNREACH|ENETUNREACH|ENETDOWN|ECONNABORTED)$/

/**
 * Whether the request was not executed: nothing of it was written, or only its head, to an address that has proven that
 * it says 100 before it routes (docs/decisions/0006).
 */
export const isUnexecuted = (attempt: Attempt): boolean =>
  !attempt.answered && ((attempt.awaitsContinue && attempt.proven()) || attempt.untouched())

/**
 * A request is retried only if it provably was not executed, or if it is idempotent and this was its first try
 * (docs/decisions/0006).
 * @param error what ended the attempt; any but a close, a reset or a login's silence before its body is final
 * @param tries how often the request has been handed to a connection, this attempt included
 */
export function mayBeSentAgain(error: unknown, attempt: Attempt, method: string, tries: number): boolean {
  if (attempt.answered || tries >= MOST_TRIES) return false
  if (attempt.silent) return isUnexecuted(attempt)
  if (error instanceof GatewayError || !isClosedOrReset(error)) return false
  return isUnexecuted(attempt) || (tries === 1 && IDEMPOTENT.has(method))
}

/**
 * The table's error for a request that is given up.
 * @param error what ended its last attempt
 * @param attempt absent where no connection could be set up
 * @param mayHaveRun whether an earlier attempt may have been executed: then the last one's "nothing was done" is not true
 */
export function failureOf(error: unknown, attempt: Attempt | undefined, mayHaveRun = false): GatewayError {
  const failure =
    attempt && isUnexecuted(attempt) ? new GatewayError('BACKEND_UNREACHABLE', error) : classify(error)
  return mayHaveRun && ERRORS[failure.code].retry ? new GatewayError('BACKEND_BROKE_OFF', failure) : failure
}

function classify(error: unknown): GatewayError {
  if (error instanceof GatewayError) return error
  const code = systemErrorCode(error) ?? ''
  if (code.startsWith('HPE_')) return new GatewayError('BACKEND_BAD_ANSWER', error)
  const isOurs = code.startsWith('ERR_') && !isClosedOrReset(error)
  return new GatewayError(isOurs ? 'INTERNAL' : 'BACKEND_BROKE_OFF', error)
}
