import { answerError } from '../http/error-answer.ts'
import { GatewayError } from '../http/errors.ts'
import { type Exchange, noteFailure, type OnOutcome, watch } from '../observe/outcome.ts'

/**
 * Serves one request: what `handle` throws is answered with an error of the table, and how the request ended is told once.
 * Never rejects. What `handle` throws at once is answered before this returns.
 */
export async function serve(
  exchange: Exchange,
  onOutcome: OnOutcome,
  handle: (exchange: Exchange) => Promise<void> | void,
) {
  watch(exchange, onOutcome)
  try {
    await handle(exchange)
  } catch (error) {
    const failure = error instanceof GatewayError ? error : new GatewayError('INTERNAL', error)
    const { req, res, record } = exchange
    noteFailure(record, failure)
    if (!req.socket.destroyed) answerError(req, res, failure, record)
  }
}
