import type { Log } from '../log.ts'
import type { Config } from '../settings/settings.ts'
import { type Backend, openBackend } from './backend.ts'
import type { Probed } from './probe.ts'

/** All APIs that are reached. */
export type Backends = {
  /** where logins go */
  readonly main: Backend
  /** that one first */
  readonly all: readonly Backend[]
  /**
   * @param serverName as a route has it
   * @throws where no route and no name in the settings has this origin
   */
  of(origin: URL, serverName?: string): Backend
  close(): void
}

/** Opens a backend for each origin of the routes and the names in the settings: one address cache and one pool, whoever uses it. */
export function openBackends(config: Config, log: Log): Backends {
  const { BACKEND_ORIGIN, routes, backends: named } = config
  const login = routes.find(({ kind, origin }) => kind === 'login' && origin.origin === BACKEND_ORIGIN.origin)
  const byKey = new Map<string, Backend>()
  const open = (origin: URL, serverName?: string) => {
    const key = keyOf(origin, serverName)
    const backend =
      byKey.get(key) ??
      openBackend(origin, config, log, { serverName, probed: probedAt(config, key, origin) })
    byKey.set(key, backend)
    return backend
  }
  const main = open(BACKEND_ORIGIN, (login ?? routes[0])?.serverName)
  for (const { origin, serverName } of routes) open(origin, serverName)
  for (const { origin } of named) open(origin)
  return {
    main,
    all: [...byKey.values()],
    of(origin, serverName) {
      const backend = byKey.get(keyOf(origin, serverName))
      if (!backend) throw new Error(`no backend at ${origin.origin}`)
      return backend
    },
    close() {
      for (const each of byKey.values()) each.close()
    },
  }
}

/** A probe goes beside the login there, or beside the first route, with the Host that the API gets. */
function probedAt({ routes, PUBLIC_ORIGIN }: Config, key: string, origin: URL): Probed {
  const there = routes.filter(each => keyOf(each.origin, each.serverName) === key)
  const { host, base } = there.find(({ kind }) => kind === 'login') ??
    there[0] ?? { host: 'backend', base: '' }
  const own = host === 'client' ? PUBLIC_ORIGIN.map(each => new URL(each).host)[0] : host
  return { host: own === undefined || own === 'backend' ? origin.host : own, path: base || '/' }
}

const keyOf = ({ origin }: URL, serverName = '') => `${origin} ${serverName}`
