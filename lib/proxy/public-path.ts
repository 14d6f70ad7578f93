import { toPublic } from '../routes/path.ts'
import { has, isAtOrBelow, type Route } from '../settings/routes.ts'

const PATH = /^([/\\][^?#]*)(.*)$/s
/** A `Path` that begins with no slash is none to a browser (RFC 6265 §5.2.4). */
const COOKIE_PATH = /(;\s*path\s*=\s*)(\/[^;]*)/gi

/**
 * Puts the paths of an API where they are on the public site.
 * @param routes all of them: a login at `/v1/login` may set a cookie for `/v1`, which is another route's
 * @returns undefined where paths are the same on both sides
 */
export function publicPathsOf(route: Route, routes: readonly Route[]) {
  // `/api/` for all paths of the API says nothing of what an answer elsewhere names: after `/user/login` that is a page
  const isPartOf = ({ path }: Route) => route.path !== route.base && isAtOrBelow(route.path, path)
  const there = routes
    .filter(each => each.origin.host === route.origin.host && (each.base !== '' || isPartOf(each)))
    .sort((a, b) => b.base.length - a.base.length)
  if (there.every(({ path, base }) => path === base)) return undefined
  // a login below it is reached by its own path alone (`lib/routes/table.ts`)
  const logins = there.filter(({ kind, base }) => kind === 'login' && isAtOrBelow(base, route.base))
  const inOrder = [...logins, route, ...there]

  function pathOf(path: string): string {
    const by = inOrder.find(({ base, exact }) => has({ path: base, exact }, path))
    if (!by || (by.base === '' && isAtOrBelow(path, by.path))) return path
    return toPublic(by, path)
  }

  return {
    /** Of a URL that begins with its path; any other stays. */
    ofUrl: (url: string) => url.replace(PATH, (_, path: string, rest: string) => pathOf(path) + rest),
    /** Of a `Set-Cookie`. For all of the API's paths: on the public site that is all of the site, or its pages would not see the login. */
    ofCookie: (value: string) =>
      value.replace(COOKIE_PATH, (all, start: string, text: string) => {
        const path = text.trimEnd()
        return path === '/' ? all : start + pathOf(path) + text.slice(path.length)
      }),
  }
}
