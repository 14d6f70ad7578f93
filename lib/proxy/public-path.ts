import { has, isAtOrBelow, toPublic } from '../routes/path.ts'
import type { Route } from '../settings/routes.ts'

const URL_PARTS = /^((?:https?:)?\/\/[^/?#\\]*)?([/\\][^?#]*)?(.*)$/is
const COOKIE_PATH = /(;\s*path\s*=\s*)([^;]*)/gi

/**
 * Puts the paths of an API that `Location`, `Content-Location`, `Refresh` and `Set-Cookie` name where they are on the public site.
 * @param routes all of them: a login at `/v1/login` may set a cookie for `/v1`, which is another route's
 * @returns the value of a header as the client gets it; undefined where paths are the same on both sides
 */
export function translationOf(
  route: Route,
  routes: readonly Route[],
): ((name: string, value: string) => string) | undefined {
  const there = [route, ...routes.filter(each => each !== route && each.origin.host === route.origin.host)]
  if (there.every(({ path, base }) => path === base)) return undefined
  const [own, ...others] = there
  const inOrder = [own, ...others.sort((a, b) => b.base.length - a.base.length)].filter(
    each => each !== undefined,
  )

  function pathOf(path: string): string {
    const by = inOrder.find(({ base, exact }) => has({ path: base, exact }, path))
    if (!by || (by.base === '' && isAtOrBelow(path, by.path))) return path
    return toPublic(by, path)
  }

  function urlOf(value: string): string {
    const [, origin = '', path = '', rest = ''] = URL_PARTS.exec(value) ?? []
    if (path === '' && origin === '') return value
    const isThere = origin === '' || hostOf(origin) === route.origin.hostname
    return isThere ? origin + pathOf(path || '/') + rest : value
  }

  return (name, value) => {
    if (name === 'location' || name === 'content-location') return urlOf(value)
    if (name === 'refresh')
      return value.replace(
        /^([^;,]*[;,]\s*url\s*=\s*)(.*)$/is,
        (_, start: string, url: string) => start + urlOf(url),
      )
    if (name !== 'set-cookie') return value
    // for all of the API's paths: on the public site that is all of the site, or its pages would not see the login
    return value.replace(COOKIE_PATH, (all, start: string, path: string) =>
      path.trim() === '/' ? all : start + pathOf(path.trim()),
    )
  }
}

const hostOf = (origin: string) =>
  URL.canParse(origin, 'http://none') ? new URL(origin, 'http://none').hostname : undefined
