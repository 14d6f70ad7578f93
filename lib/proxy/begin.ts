import type { IncomingMessage } from 'node:http'
import type { Backends } from '../backend/backends.ts'
import type { HeadChanges } from '../http/pass-head.ts'
import type { Log } from '../log.ts'
import type { RequestRecord } from '../observe/outcome.ts'
import type { Found } from '../routes/table.ts'
import { type Route, shownPlace } from '../settings/routes.ts'
import type { Config } from '../settings/settings.ts'
import { createHosts } from './request-head.ts'
import type { Room } from './room.ts'
import { createTranslation } from './translate.ts'

export type Begin = ReturnType<typeof createBegin>
export type Begun = ReturnType<Begin>

/**
 * What any request to an API begins with, before its body is read and a login limit counts it; for an admitted request.
 * @throws GatewayError MISDIRECTED or BACKEND_FULL; of the function that is returned
 */
export function createBegin(config: Config, backends: Backends, room: Room, log: Log) {
  const hostOf = createHosts(config.PUBLIC_ORIGIN)
  const translate = createTranslation(config, log)
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
    room.check(backend.name)
    const changes: HeadChanges = { translate: translate(req, route), set: route.responseHeaders }
    return {
      backend,
      /** in place of the origin's */
      host,
      /** what becomes of the head of the answer */
      changes,
      /** Call before it is sent, and what it returns when it is over. @throws GatewayError BACKEND_FULL */
      enter: () => room.enter(backend.name),
    }
  }
}
