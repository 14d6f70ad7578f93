import type { IncomingMessage } from 'node:http'
import type { Backend } from '../backend/backend.ts'
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

type Parts = {
  readonly config: Pick<Config, 'PUBLIC_ORIGIN' | 'routes'>
  readonly backends: Pick<Backends, 'of'>
  readonly room: Room
  readonly log: Log
}

export type Begun = {
  readonly backend: Backend
  /** in place of the origin's */
  readonly host: string | undefined
  /** what becomes of the head of the answer */
  readonly changes: HeadChanges
  /** Call before it is sent, and what it returns when it is over. @throws GatewayError BACKEND_FULL */
  enter(): () => void
}

/**
 * What any request to an API begins with, before its body is read and a login limit counts it; for an admitted request.
 * @throws GatewayError MISDIRECTED or BACKEND_FULL
 */
export type Begin = (req: IncomingMessage, record: RequestRecord, found: Found) => Begun

export function createBegin({ config, backends, room, log }: Parts): Begin {
  const hostOf = createHosts(config.PUBLIC_ORIGIN)
  const translate = createTranslation(config, log)
  const byRoute = new Map<Route, ReturnType<typeof entryOf>>()

  const entryOf = (route: Route) => ({
    backend: backends.of(route.origin, route.serverName),
    matched: shownPlace(route),
  })

  return (req, record, { route }) => {
    const entry = byRoute.get(route) ?? entryOf(route)
    byRoute.set(route, entry)
    const { backend, matched } = entry
    record.backend = backend.name
    record.matched = matched
    const host = hostOf(route, req)
    room.check(backend.name)
    const changes = { translate: translate(req, route), set: route.responseHeaders }
    return { backend, host, changes, enter: () => room.enter(backend.name) }
  }
}
