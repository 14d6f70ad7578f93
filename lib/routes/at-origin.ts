import { BARE, type Defaults, inOrder, type Route } from '../settings/routes.ts'
import { isInFormat, isRoutesOwn, isStatedApi, mayHave } from './path.ts'
import { mergeSlashes, readingsOf } from './readings.ts'
import type { Found } from './table.ts'

/**
 * Finds the route of a page's own call to an origin. The page uses the API's paths, and gets the headers and times of the route that leads there. A path
 * that servers may read as a login's counts for the login limits: a route handler such as `api/[...path]` passes on what its visitor asks for. Nothing
 * else is refused, since a page is the app's own code.
 * @param rest route for paths that no route has
 * @throws GatewayError (the returned function): BAD_REQUEST at an odd path that takes long to read
 */
export function createTableAtOrigin(routes: readonly Route[], rest: Route): (target: string) => Found {
  const there = routes
    .map(route => ({
      ...route,
      path: route.base,
      except: [],
      host: route.host === 'client' ? 'backend' : route.host,
      responseHeaders: [],
    }))
    .sort(inOrder)
  const logins = there
    .filter(({ kind }) => kind === 'login')
    .map(route => ({ route, path: route.path.toLowerCase(), exact: route.exact }))

  function loginAt(path: string, sent: string): Route | undefined {
    if (logins.length === 0) return undefined
    const isStated = there.some(each => isStatedApi(each, sent))
    const readings = readingsOf(path).map(each => each.toLowerCase())
    const login = logins.find(each =>
      readings.some(reading => isRoutesOwn(each, reading) || (!isStated && isInFormat(each, reading))),
    )
    return login?.route
  }

  return target => {
    const [sent = ''] = target.split('?', 1)
    const path = mergeSlashes(sent)
    const login = loginAt(path, sent)
    const route = login ?? there.find(each => mayHave(each, each.kind, path)) ?? rest
    return { route, target, isOwnPath: login !== undefined || isRoutesOwn(route, path) }
  }
}

/** A route for all of an origin, with the settings' own values. */
export const wholeOf = (origin: URL, defaults: Defaults, serverName?: string | undefined): Route => ({
  ...BARE,
  ...defaults,
  path: '',
  base: '',
  kind: 'api',
  origin,
  serverName,
  upgrade: false,
  checksSite: false,
})
