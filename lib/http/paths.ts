import type { IncomingMessage } from 'node:http'
import { backendPathOf, loginPathOf } from './backend-path.ts'
import { GatewayError } from './errors.ts'

/** What servers disagree on: dot segments and separators in disguise (`..`, `%2e%2e`, `%2f`, `%5c`, a backslash, NUL). */
const AMBIGUOUS = /(^|\/)(\.|%2e){1,2}(\/|;|$)|%2f|%5c|\\|%00|\/\//i

/**
 * Whether a request target (path and query) belongs to the backend: one of the paths itself, or below it.
 * `/user/loginX` does not.
 * @throws GatewayError BAD_REQUEST where it does, but the backend could read another path out of it (rule 7)
 */
export function isBackendPath(target: string, paths: readonly string[]): boolean {
  const query = target.indexOf('?')
  const path = query === -1 ? target : target.slice(0, query)
  const isBelow = backendPathOf(path, paths) !== undefined
  if (isBelow && AMBIGUOUS.test(path)) throw new GatewayError('BAD_REQUEST')
  return isBelow
}

/**
 * Whether a request target is one of the paths itself, whatever its query. A slash at the end makes no other: Django and
 * Next.js's `trailingSlash` have the login there, and a setting cannot name it so. What is below (`/user/login/logout`)
 * is none.
 */
export function isLoginItself(target: string, paths: readonly string[]): boolean {
  const [path = ''] = target.split('?', 1)
  return paths.includes(path.endsWith('/') ? path.slice(0, -1) : path)
}

/** Whether this is a login proper: a POST to the login path itself, not below it. */
export function isLogin({ method, url = '' }: IncomingMessage, paths: readonly string[]): boolean {
  const path = loginPathOf(paths)
  return method === 'POST' && path !== undefined && isLoginItself(url, [path])
}
