import type { IncomingMessage, ServerResponse } from 'node:http'
import { answerError } from '../http/error-answer.ts'
import { GatewayError } from '../http/errors.ts'
import { noteFailure, type OnOutcome, type RequestRecord, watch } from '../observe/outcome.ts'

/**
 * Serves one request: what `handle` throws is answered with an error of the table, and how the request ended is told once.
 * Never rejects. What `handle` throws at once is answered before this returns.
 */
export async function serve(
  req: IncomingMessage,
  res: ServerResponse,
  record: RequestRecord,
  onOutcome: OnOutcome,
  handle: () => Promise<void> | void,
): Promise<void> {
  watch(req, res, record, onOutcome)
  try {
    await handle()
  } catch (error) {
    const failure = error instanceof GatewayError ? error : new GatewayError('INTERNAL', error)
    noteFailure(record, failure)
    if (!req.socket.destroyed) answerError(req, res, failure, record)
  }
}
