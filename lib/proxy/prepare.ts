import type { IncomingMessage } from 'node:http'
import type { Backends } from '../backend/backends.ts'
import { GatewayError } from '../http/errors.ts'
import type { HeadChanges } from '../http/pass-head.ts'
import type { Log } from '../log.ts'
import { type Bound, noteExceeded } from '../observe/bounds.ts'
import type { RequestRecord } from '../observe/outcome.ts'
import type { Found } from '../routes/table.ts'
import { type Route, shownPlace } from '../settings/routes.ts'
import type { Config } from '../settings/settings.ts'
import { createHosts } from './request-head.ts'
import { createTranslation } from './translate.ts'

export type Prepare = ReturnType<typeof createPrepare>
export type Prepared = ReturnType<Prepare>

/**
 * What any request to an API begins with, before its body is read and a login limit counts it; for an admitted request.
 * @throws GatewayError MISDIRECTED or BACKEND_FULL; of the function that is returned
 */
export function createPrepare(config: Config, backends: Backends, requests: Bound, log: Log) {
  const hostOf = createHosts(config.PUBLIC_ORIGIN)
  const translate = createTranslation(config, log)
  const requestSlots = createRequestSlots(requests, backends.all.length)
  const byRoute = new Map<Route, ReturnType<typeof entryOf>>()

  const entryOf = (route: Route) => ({
    backend: backends.of(route.origin, route.serverName),
    matched: shownPlace(route),
  })

  return (req: IncomingMessage, record: RequestRecord, { route }: Found) => {
    const { backend, matched } = byRoute.getOrInsertComputed(route, entryOf)
    record.backend = backend.name
    record.matched = matched
    const host = hostOf(route, req)
    requestSlots.check(backend.name)
    const changes: HeadChanges = { translate: translate(req, route), set: route.responseHeaders }
    return {
      backend,
      /** in place of the origin's */
      host,
      /** what becomes of the head of the answer */
      changes,
      /** Call before it is sent, and what it returns when it is over. @throws GatewayError BACKEND_FULL */
      acquireSlot: () => requestSlots.acquire(backend.name),
    }
  }
}

/** Where there are several APIs, one has so many of the slots at most: one that hangs leaves the rest to the others. */
const SHARE = 3 / 4

/** Slots for requests under way to the APIs (load shedding). @param apis how many there are */
function createRequestSlots(requests: Bound, apis: number) {
  const most = apis > 1 ? Math.ceil(requests.most * SHARE) : requests.most
  const byBackend = new Map<string, number>()
  const add = (backend: string, count: 1 | -1) => {
    requests.now += count
    byBackend.set(backend, (byBackend.get(backend) ?? 0) + count)
  }
  /** @throws GatewayError BACKEND_FULL where none is free for one more to this API; it is counted */
  function check(backend: string) {
    if (requests.now < requests.most && (byBackend.get(backend) ?? 0) < most) return
    noteExceeded(requests)
    throw new GatewayError('BACKEND_FULL')
  }
  return {
    check,
    /** Takes one. @returns to be called when the request is over @throws the same */
    acquire(backend: string): () => void {
      check(backend)
      add(backend, 1)
      return () => add(backend, -1)
    },
  }
}
