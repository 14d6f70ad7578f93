import type { Log } from '../log.ts'
import { loginOrFirst, type Route } from '../settings/routes.ts'
import type { Config } from '../settings/settings.ts'
import { type Backend, backendNameOf, openBackend } from './backend.ts'
import type { Probed } from './probe.ts'

export type Backends = ReturnType<typeof openBackends>

/** Opens a backend for each origin of the routes and the names in the settings: one address cache and one pool, whoever uses it. */
export function openBackends(config: Config, log: Log) {
  const { BACKEND_ORIGIN, routes, backends: named } = config
  const byName = new Map<string, Backend>()
  const open = (origin: URL, serverName?: string) => {
    return byName.getOrInsertComputed(backendNameOf(origin, serverName), name => {
      const there = routes.filter(each => backendNameOf(each.origin, each.serverName) === name)
      const probed = loginAt(origin, there, config.PUBLIC_ORIGIN)
      return openBackend(origin, config, log, { serverName, probed })
    })
  }
  const main = open(BACKEND_ORIGIN, serverNameAt(BACKEND_ORIGIN, routes))
  for (const { origin, serverName } of routes) open(origin, serverName)
  for (const { origin } of named) open(origin, serverNameAt(origin, routes))
  return {
    /** where logins go */
    main,
    /** that one first */
    all: [...byName.values()],
    /**
     * @param serverName as a route has it
     * @throws where no route and no name in the settings has this origin
     */
    of(origin: URL, serverName?: string): Backend {
      const backend = byName.get(backendNameOf(origin, serverName))
      if (!backend) throw new Error(`no backend at ${origin.origin}`)
      return backend
    },
    close() {
      for (const each of byName.values()) each.close()
    },
  }
}

/** The name that the certificate of an API must show, for a call that no route has: as its login has it, or else its first route. */
export function serverNameAt({ origin }: URL, routes: readonly Route[]): string | undefined {
  return loginOrFirst(routes.filter(each => each.origin.origin === origin))?.serverName
}

/** Where the login of an API is, or else its first route, and with which Host: a probe goes beside it. */
export function loginAt(origin: URL, routes: readonly Route[], publicOrigins: readonly string[]): Probed {
  const { host, base } = loginOrFirst(routes) ?? { host: 'backend', base: '' }
  const own = host === 'client' ? publicOrigins.map(each => new URL(each).host)[0] : host
  return { host: own === undefined || own === 'backend' ? origin.host : own, path: base || '/' }
}
