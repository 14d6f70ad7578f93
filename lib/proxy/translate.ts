import type { IncomingMessage } from 'node:http'
import type { Log } from '../log.ts'
import type { Route } from '../settings/routes.ts'
import type { Config } from '../settings/settings.ts'
import { narrowCookie } from './cookie-domain.ts'
import { translateRefresh, translateUrl } from './locations.ts'
import { publicPathsOf } from './public-path.ts'

const NAMING_HOSTS = new Set(['content-location', 'location', 'refresh', 'set-cookie'])
const FOR_PAGES = new Set(['location'])
/** So many cookies are told of. */
const MOST_TOLD = 100

/**
 * Translates the headers of answers that name a host: `Location`, `Content-Location`, `Refresh` and `Set-Cookie`. A page's own
 * calls get their cookies as they are: the page is at 127.0.0.1, and passes them on or not. Paths of the API become those of the
 * public site first. `X-Accel-*` are for an Nginx: it does as they say and keeps them, for they name paths that no client may know.
 * @returns for one request, after admission, what translates its answer
 */
export function createTranslation(
  { PUBLIC_ORIGIN: origins, routes }: Pick<Config, 'PUBLIC_ORIGIN' | 'routes'>,
  log: Log,
) {
  const told = new Set<string>()
  // a page asks by the API's own paths, over a route that is none of these
  const publicPaths = new Map(routes.map(route => [route, publicPathsOf(route, routes)]))

  function cookieFor(value: string, host: string): string {
    const { value: narrowed, dropped } = narrowCookie(value, hostnameOf(host))
    const key = `${dropped?.cookie} ${dropped?.domain}`
    if (dropped && !told.has(key) && told.size < MOST_TOLD) {
      told.add(key)
      // never the value; `cookie` is a key that the log hides
      log.warn(
        { name: dropped.cookie, domain: dropped.domain, host },
        'the Domain of a cookie does not cover the host that the client asked for; it was dropped',
      )
    }
    return narrowed
  }

  return (req: IncomingMessage, route: Route) =>
    (name: string, value: string): string | undefined => {
      const isOfPage = !publicPaths.has(route)
      if (name.startsWith('x-accel-')) return undefined
      if (!(isOfPage ? FOR_PAGES : NAMING_HOSTS).has(name)) return value
      const paths = publicPaths.get(route)
      const host = String(req.headers['x-forwarded-host'] ?? '')
      if (name === 'set-cookie') {
        const cookie = paths?.ofCookie(value) ?? value
        return host === '' ? cookie : cookieFor(cookie, host)
      }
      const asked = isOfPage ? undefined : { proto: String(req.headers['x-forwarded-proto']), host }
      const names = [route.host, route.serverName ?? ''].filter(
        each => each !== 'backend' && each !== 'client',
      )
      const places = {
        backend: route.origin,
        names: names.map(hostnameOf),
        origins,
        asked,
        toPublic: paths?.ofUrl,
      }
      return name === 'refresh' ? translateRefresh(value, places) : translateUrl(value, places)
    }
}

const hostnameOf = (host: string) => host.toLowerCase().replace(/:\d+$/, '').replace(/\.$/, '')
