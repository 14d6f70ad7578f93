import type { IncomingMessage } from 'node:http'
import { GatewayError } from '../http/errors.ts'

/** Methods that ask for nothing to be done (RFC 9110 §9.2.1); TRACE never gets this far. */
export const SAFE = ['GET', 'HEAD', 'OPTIONS']

/**
 * Refuses what another site's page makes a visitor's browser send (cross-site request forgery, login CSRF included).
 * Browsers say where a request comes from in Sec-Fetch-Site, older ones in Origin alone; a client that sends neither,
 * like curl or an app, is not a browser that could be misled, and passes. The order of checks is that of Go's
 * http.CrossOriginProtection: another origin of the same site is another origin.
 * @param allowed further origins whose pages may log in, such as `https://app.dev.jp`
 * @throws GatewayError CROSS_SITE
 */
export function refuseCrossSite(req: IncomingMessage, allowed: readonly string[]): void {
  if (SAFE.includes(req.method ?? '')) return
  const { origin, 'sec-fetch-site': site, 'x-forwarded-host': host } = req.headers
  if (origin !== undefined && allowed.includes(origin.toLowerCase())) return
  if (site !== undefined) {
    if (site === 'same-origin' || site === 'none') return
  } else if (origin === undefined || (URL.canParse(origin) && new URL(origin).host === host)) return
  throw new GatewayError('CROSS_SITE')
}
