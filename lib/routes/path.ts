import { bare, has, type Place, type Route } from '../settings/routes.ts'

/** What may stand behind a route's own path. */
const ITSELF = /^(;[^/]*)?(\/(;[^/]*)?)?$/
/** Rails has `(.:format)` behind each of its routes. */
const FORMAT = /^\.[^/]*\/?$/

/** Whether a path, its repeated slashes merged, is a route's own and not one below it: a slash at the end or `;…` makes no other. */
export const isRoutesOwn = ({ path: own }: Place, path: string): boolean => hasBehind(own, ITSELF, path)

/** Whether it is that path with an extension: `/users/sign_in.json` is the login `/users/sign_in` to Rails, with any extension. */
export const isInFormat = ({ path: own }: Pick<Place, 'path'>, path: string): boolean =>
  hasBehind(own, FORMAT, path)

/** Whether the file says of a path, as an API gets it, that it is no login. A server may take any other spelling of it for a login with an extension. */
export const isStatedApi = ({ kindIsStated = false, kind, base }: Route, path: string): boolean =>
  kindIsStated && kind === 'api' && bare(path) === bare(base)

function hasBehind(own: string, rest: RegExp, path: string): boolean {
  const plain = bare(own)
  return path.startsWith(plain) && rest.test(path.slice(plain.length))
}

/** Whether a server may take a path for one of a route's: an exact login has its path with a slash at the end or `;…` as well. */
export const mayHave = (place: Place, kind: Route['kind'] | undefined, path: string): boolean =>
  has(place, path) || (place.exact && kind === 'login' && isRoutesOwn(place, path))

/**
 * Where a path goes at the API: `base` takes the place of the route's path, as with Nginx's `proxy_pass` with a URI, and the rest
 * stays byte for byte.
 * @param path below the route; repeated slashes are one to it, and stay
 */
export function toOrigin({ path: own, base }: Route, path: string): string {
  if (base === own) return path
  const rest = path.slice(lengthOf(path, own.length))
  return join(base, rest)
}

/**
 * Where a path of the API's is on the public site: the opposite of `toOrigin`. What is not below `base` has no other path there, and
 * stays as it is.
 */
export function toPublic({ path: own, base, exact }: Route, path: string): string {
  if (base === own || !has({ path: base, exact }, path)) return path
  const there = join(own, path.slice(base.length))
  // `//elsewhere.example` would leave the site, and so would it with a backslash or a tab
  return own === '' ? there.replace(/^[/\\\t]*/, '/') : there
}

const join = (start: string, rest: string) => (start === '' && rest[0] !== '/' ? `/${rest}` : start + rest)

/** How many characters of a path are as many when repeated slashes are merged. */
function lengthOf(path: string, merged: number): number {
  let length = 0
  for (let i = 0; i < merged; i++) {
    length++
    if (path[length - 1] === '/') while (path[length] === '/') length++
  }
  return length
}
