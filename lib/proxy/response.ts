import type { IncomingMessage, ServerResponse } from 'node:http'
import { abortResponse } from '../http/error-answer.ts'
import { GatewayError } from '../http/errors.ts'
import { pipeInTurns } from '../http/in-turns.ts'
import { readWhole } from '../http/join-chunks.ts'
import { type HeadChanges, passHead } from '../http/pass-head.ts'
import { noteFailure, type RequestRecord } from '../observe/outcome.ts'
import { type Attempt, failureOf } from './proof.ts'

/** The head of an answer is there. */
export type Answered = {
  readonly answer: IncomingMessage
  /** absent where there is one try alone */
  readonly attempt?: Attempt
  /** what has broken the exchange off before the answer was complete, or nothing */
  failure(): unknown
}

/**
 * Passes the backend's answer on: its head now, its body as it comes. One that breaks off is cut off for the client too,
 * and the record says why.
 * @throws GatewayError BACKEND_BAD_ANSWER where the head cannot be passed on; nothing is sent then
 */
export function passAnswer(
  { answer, attempt, failure }: Answered,
  res: ServerResponse,
  record: RequestRecord,
  changes: HeadChanges,
): void {
  if (res.headersSent) {
    answer.destroy()
    return
  }
  try {
    passHead(answer, res, changes)
  } catch (error) {
    answer.destroy()
    throw new GatewayError('BACKEND_BAD_ANSWER', error)
  }
  record.answered = answer.statusCode
  if (answer.statusCode === 401)
    record.challenged = /(?:^|,)\s*(?:basic|digest)(?![\w-])/i.test(answer.headers['www-authenticate'] ?? '')
  // most are whole by now: one write costs less than a pipe and its listeners
  if (answer.complete) {
    res.end(readWhole(answer))
    return
  }
  const breakOff = (error: unknown) => {
    if (res.writableFinished) return
    noteFailure(record, failureOf(error, attempt))
    abortResponse(res)
  }
  // Node takes an answer without a length for complete as soon as its connection is closed, by us as well
  answer.once('end', () => {
    if (failure() !== undefined) breakOff(failure())
  })
  answer.once('error', error => {
    if (!answer.complete || failure() !== undefined) breakOff(failure() ?? error)
  })
  pipeInTurns(answer, res)
}
