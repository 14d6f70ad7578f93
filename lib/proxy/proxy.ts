import type { IncomingMessage, ServerResponse } from 'node:http'
import type { Backend } from '../backend/backend.ts'
import type { Backends } from '../backend/backends.ts'
import { describeError } from '../http/errors.ts'
import type { Log } from '../log.ts'
import type { Bounds } from '../observe/bounds.ts'
import type { RequestRecord } from '../observe/outcome.ts'
import type { Found } from '../routes/table.ts'
import { type Route, shownPlace } from '../settings/routes.ts'
import type { Config } from '../settings/settings.ts'
import { createSender } from './attempt.ts'
import { type Body, held, takeBody } from './body.ts'
import { isAskable } from './expect.ts'
import {
  type Attempt,
  failureOf,
  isClosedOrReset,
  isUnexecuted,
  MOST_TRIES,
  mayBeSentAgain,
  wayOf,
} from './proof.ts'
import { createHosts } from './request-head.ts'
import { passAnswer } from './response.ts'
import type { Room } from './room.ts'
import { createTranslation } from './translate.ts'

type Parts = {
  readonly config: Config
  readonly backends: Pick<Backends, 'of'>
  readonly bounds: Pick<Bounds, 'bodies'>
  readonly room: Room
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

/** A proxy for each backend, made when its first request comes: one middleware for all that goes there. */
export function createProxy({ backends, ...parts }: Parts): BackendProxy {
  const byBackend = new Map<Backend, BackendProxy>()
  const byRoute = new Map<Route, BackendProxy>()
  const proxyOf = (route: Route) => {
    const backend = backends.of(route.origin, route.serverName)
    const proxy = byBackend.get(backend) ?? createProxyTo(backend, parts)
    byBackend.set(backend, proxy)
    byRoute.set(route, proxy)
    return proxy
  }
  return (req, res, record, found, check) =>
    (byRoute.get(found.route) ?? proxyOf(found.route))(req, res, record, found, check)
}

/** The attempt loop: the body is taken, then the request is sent until it is answered or may not be retried. */
function createProxyTo(
  backend: Backend,
  { config, bounds, room, log }: Omit<Parts, 'backends'>,
): BackendProxy {
  const { agent, name } = backend
  const replay = config.REPLAY === 'on'
  const sendOnce = createSender({ config, backend })
  const hostOf = createHosts(config.PUBLIC_ORIGIN)
  const translation = createTranslation(config, backend.origin, log)

  async function send(
    req: IncomingMessage,
    res: ServerResponse,
    record: RequestRecord,
    found: Found,
    host: string | undefined,
    taken?: Body,
  ) {
    let body = taken
    const { method = '' } = req
    const mayRepeat = replay && (body === undefined || body.kept !== undefined)
    let mayHaveRun = false
    // one that was given up may yet be answered
    const givenUp: Attempt[] = []
    const hasRunLate = () => givenUp.some(each => !isUnexecuted(each))
    let way = replay ? wayOf(method, mayRepeat, isAskable(req, body)) : 'any'

    for (let tries = 1; ; tries++) {
      // also what is asked first: bytes that came unasked over an idle connection would be taken for its answer
      if (way === 'any' || way === 'asked') await agent.removeClosed()
      if (hasLeft(req, res)) return
      const ended = await sendOnce({ req, res, record, found, host, body, way, hasRunLate })
      if (hasLeft(req, res)) return

      if ('answer' in ended) {
        const { route } = found
        const translate = translation(req, route)
        return passAnswer(ended, res, record, { translate, set: route.responseHeaders })
      }
      const { error, attempt, refused = false } = ended
      if (attempt && !attempt.answered && record.reused === false && isClosedOrReset(error))
        agent.demote(attempt.address)
      if (!attempt || !mayRepeat || !(refused || mayBeSentAgain(error, attempt, method, tries)))
        throw failureOf(error, attempt, mayHaveRun || hasRunLate())

      record.retries = tries
      // httpxy listens to `res` anew with each attempt, which Node would call a leak
      res.setMaxListeners(0)
      const { 'x-request-id': id } = req.headers
      const cause = describeError(error)
      log.info({ id, address: attempt.address, tries, cause }, 'attempt failed, retried')
      if (body?.kept) body = held(body.kept)
      if (attempt.silent) await agent.suspect(attempt.address)
      if (attempt.silent) givenUp.push(attempt)
      else mayHaveRun ||= !refused && !isUnexecuted(attempt)
      // no further attempt comes, nobody may be behind the pool's, or the question was refused
      if (mayHaveRun || refused || attempt.silent || tries === MOST_TRIES - 1) way = 'dialled'
    }
  }

  return async (req, res, record, found, check) => {
    const { route } = found
    record.backend = name
    record.matched = shownPlace(route)
    // before a body is read, for it may refuse the request
    const host = hostOf(route, req)
    // before a body is read, and before a login limit counts it
    room.check(name)
    const body = await takeBody(req, route.maxBody, bounds.bodies)
    try {
      await check?.(body)
      if (hasLeft(req, res)) return
      room.check(name)
      res.once('close', room.take(name))
      await send(req, res, record, found, host, body)
    } finally {
      body?.free()
      // an answer that is under way may come before the end of the request
      if (res.headersSent && !res.destroyed) res.once('close', () => body?.stop())
      else body?.stop()
    }
  }
}

const hasLeft = (req: IncomingMessage, res: ServerResponse) => res.destroyed || req.socket.destroyed
