import type { IncomingMessage, ServerResponse } from 'node:http'
import type { Backends } from '../backend/backends.ts'
import { describeError } from '../http/errors.ts'
import type { Log } from '../log.ts'
import type { Bounds } from '../observe/bounds.ts'
import type { RequestRecord } from '../observe/outcome.ts'
import type { Found } from '../routes/table.ts'
import type { Config } from '../settings/settings.ts'
import { type Order, sendOnce } from './attempt.ts'
import { type Body, takeBody } from './body.ts'
import { mayExpectContinue } from './expect.ts'
import { createPrepare, type Prepared } from './prepare.ts'
import {
  type Attempt,
  connectionChoiceFor,
  failureOf,
  isClosedOrReset,
  isUnexecuted,
  MOST_TRIES,
  mayBeSentAgain,
} from './proof.ts'
import { passAnswer } from './response.ts'

type Parts = {
  readonly config: Config
  readonly backends: Backends
  readonly bounds: Bounds
  readonly log: Log
}

/**
 * Sends an admitted request to the backend and passes the answer on. Resolves when the answer has begun, or when the
 * client has left; what is found out on the way is in `record`.
 * @param found the route, and what is asked for
 * @param check called with the body before the request is sent; what it throws ends the request
 * @throws GatewayError where no answer can be passed on
 */
export type BackendProxy = (
  req: IncomingMessage,
  res: ServerResponse,
  record: RequestRecord,
  found: Found,
  check?: (body: Body | undefined) => Promise<void>,
) => Promise<void>

/** What all attempts at a request have alike. */
type Shared = Pick<Order, 'req' | 'res' | 'record' | 'found' | 'host'>

/** What reaches the backends: the proxy, and what a WebSocket to them begins with, too. */
export function openProxy({ config, backends, bounds, log }: Parts) {
  const prepare = createPrepare(config, backends, bounds.requests, log)
  const replay = config.REPLAY === 'on'

  /** The attempt loop: the request is sent until it is answered or may not be retried. */
  async function send(shared: Shared, { backend, changes }: Prepared, body: Body | undefined) {
    const { req, res, record } = shared
    const { agent } = backend
    const { method = '' } = req
    const mayRepeat = replay && (body === undefined || body.kept !== undefined)
    let mayHaveRun = false
    // one that was given up may yet be answered
    const givenUp: Attempt[] = []
    const hasRunLate = () => givenUp.some(each => !isUnexecuted(each))
    let choice = replay ? connectionChoiceFor(method, mayRepeat, mayExpectContinue(req, body)) : 'any'

    for (let tries = 1; ; tries++) {
      // also one whose body waits for 100: bytes that came unasked over an idle connection would be taken for its answer
      if (choice === 'any' || choice === 'expect-continue') await agent.caughtUp()
      if (hasLeft(req, res)) return
      const ended = await sendOnce(config, backend, { ...shared, body, choice, hasRunLate })
      if (hasLeft(req, res)) return

      if ('answer' in ended) return passAnswer(ended, res, record, changes)
      const { error, attempt, refused = false } = ended
      // a reused one, too: of all addresses the one that has died has the fewest connections now, and a retry would go there
      if (attempt && !attempt.answered && isClosedOrReset(error))
        agent.demote(attempt.address, record.reused ? 'broke off' : 'closes')
      if (!attempt || !mayRepeat || !(refused || mayBeSentAgain(error, attempt, method, tries)))
        throw failureOf(error, attempt, mayHaveRun || hasRunLate())

      record.retries = tries
      const { 'x-request-id': id } = req.headers
      const cause = describeError(error)
      log.info({ id, address: attempt.address, tries, cause }, 'attempt failed, retried')
      if (attempt.silent) await agent.suspect(attempt.address)
      if (attempt.silent) givenUp.push(attempt)
      // 417 in place of 100 is about the expectation alone; 408 may be the API's own
      else mayHaveRun ||= !(refused && attempt.awaitsContinue) && !isUnexecuted(attempt)
      // no further attempt comes, nobody may be behind the pool's, or the expectation was refused
      if (mayHaveRun || refused || attempt.silent || tries === MOST_TRIES - 1) choice = 'new'
    }
  }

  const proxy: BackendProxy = async (req, res, record, found, check) => {
    const prepared = prepare(req, record, found)
    const body = await takeBody(req, found.route.maxBody, bounds.bodies)
    try {
      await check?.(body)
      if (hasLeft(req, res)) return
      res.once('close', prepared.acquireSlot())
      await send({ req, res, record, found, host: prepared.host }, prepared, body)
    } finally {
      body?.free()
      // an answer that is under way may come before the end of the request
      if (res.headersSent && !res.destroyed) res.once('close', () => body?.stop())
      else body?.stop()
    }
  }

  return { proxy, prepare }
}

const hasLeft = (req: IncomingMessage, res: ServerResponse) => res.destroyed || req.socket.destroyed
