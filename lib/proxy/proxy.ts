import type { IncomingMessage, ServerResponse } from 'node:http'
import type { BackendAgent } from '../backend/agent.ts'
import { inWords } from '../http/errors.ts'
import type { Log } from '../log.ts'
import type { RequestRecord } from '../observe/outcome.ts'
import type { Config } from '../settings/settings.ts'
import { createAttempts } from './attempt.ts'
import { type Body, held, takeBody } from './body.ts'
import { isAskable } from './expect.ts'
import { failureOf, isUnexecuted, MOST_TRIES, mayBeSentAgain, wayOf } from './proof.ts'
import { passAnswer } from './response.ts'

type Parts = {
  readonly config: Config
  readonly agent: BackendAgent
  readonly log: Log
}

/**
 * Sends an admitted request to the backend and passes the answer on. Resolves when the answer has begun, or when the
 * client has left; what is found out on the way is in `record`.
 * @param check called with the body before the request is sent; what it throws ends the request
 * @throws GatewayError where no answer can be passed on
 */
export type BackendProxy = (
  req: IncomingMessage,
  res: ServerResponse,
  record: RequestRecord,
  check?: (body: Body | undefined) => Promise<void>,
) => Promise<void>

/** The attempt loop: the body is taken, then the request is sent until it is answered or may not be sent again. */
export function createProxy({ config, agent, log }: Parts): BackendProxy {
  const replay = config.REPLAY === 'on'
  const sendOnce = createAttempts({ config, agent })

  return async (req, res, record, check) => {
    let body = await takeBody(req, config.MAX_BODY)
    await check?.(body)
    const { method = '' } = req
    const mayRepeat = replay && (body === undefined || body.kept !== undefined)
    let mayHaveRun = false
    let way = replay ? wayOf(method, isAskable(req, body)) : 'any'

    for (let tries = 1; ; tries++) {
      // what is asked first finds out by itself that its connection is closed, and only the attempt is lost
      if (way === 'any') await agent.removeClosed()
      if (hasLeft(req, res)) return
      const ended = await sendOnce({ req, res, record, body, way })
      if (hasLeft(req, res)) return

      if ('answer' in ended) return passAnswer(ended, req, res, record, config.BACKEND_ORIGIN)
      const { error, attempt, refused = false } = ended
      if (!attempt || !mayRepeat || !(refused || mayBeSentAgain(error, attempt, method, tries)))
        throw failureOf(error, attempt, mayHaveRun)

      record.retries = tries
      const { 'x-request-id': id } = req.headers
      log.info({ id, address: attempt.address, tries, cause: inWords(error) }, 'attempt failed, sent again')
      if (body?.kept) body = held(body.kept)
      if (attempt.silent) await agent.suspect(attempt.address)
      mayHaveRun ||= !refused && !isUnexecuted(attempt)
      // no further attempt comes, nobody may be behind the pool's, or the question was refused
      if (mayHaveRun || refused || attempt.silent || tries === MOST_TRIES - 1) way = 'dialled'
    }
  }
}

const hasLeft = (req: IncomingMessage, res: ServerResponse) => res.destroyed || req.socket.destroyed
