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

export type BeginParts = {
  readonly config: Config
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
}

/**
 * What any request to an API begins with, before its body is read and a login limit counts it.
 * @returns for an admitted request; it throws GatewayError MISDIRECTED or BACKEND_FULL
 */
export function createBegin({ config, backends, room, log }: BeginParts) {
  const hostOf = createHosts(config.PUBLIC_ORIGIN)
  const translations = new Map<Backend, ReturnType<typeof createTranslation>>()
  const byRoute = new Map<Route, ReturnType<typeof entryOf>>()

  function entryOf(route: Route) {
    const backend = backends.of(route.origin, route.serverName)
    const translate = translations.get(backend) ?? createTranslation(config, backend.origin, log)
    translations.set(backend, translate)
    return { backend, translate, matched: shownPlace(route) }
  }

  return (req: IncomingMessage, record: RequestRecord, { route }: Found): Begun => {
    const entry = byRoute.get(route) ?? entryOf(route)
    byRoute.set(route, entry)
    const { backend, translate, matched } = entry
    record.backend = backend.name
    record.matched = matched
    const host = hostOf(route, req)
    room.check(backend.name)
    return { backend, host, changes: { translate: translate(req, route), set: route.responseHeaders } }
  }
}
