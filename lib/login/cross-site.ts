import type { IncomingMessage } from 'node:http'
import { GatewayError } from '../http/errors.ts'
import { SAFE } from '../http/methods.ts'
import type { Config } from '../settings/settings.ts'

/** Whose pages may send logins: PUBLIC_ORIGIN's (where it is empty, those of the host that was asked), ALLOWED_ORIGINS', and CALLBACK_PATHS'. */
export type Allowances = Pick<Config, 'ALLOWED_ORIGINS' | 'CALLBACK_PATHS' | 'PUBLIC_ORIGIN'>

/**
 * Refuses what another site's page makes a visitor's browser send (cross-site request forgery, login CSRF included).
 * Browsers say where a request comes from in Sec-Fetch-Site, older ones in Origin alone; a client that sends neither,
 * like curl or an app, is not a browser that could be misled, and passes. The order of checks is that of Go's
 * http.CrossOriginProtection: another origin of the same site is another origin. A POST to a callback path passes: it
 * comes with the identity provider's origin or `null` (SAML's HTTP-POST binding, OIDC form_post), and the API checks
 * its RelayState, `state` or signature.
 * @param logsIn whether a GET may log somebody in; none: no GET does. Asked last, for it reads the query
 * @throws GatewayError CROSS_SITE
 */
export function refuseCrossSite(req: IncomingMessage, config: Allowances, logsIn?: () => boolean): void {
  const isSafe = SAFE.has(req.method ?? '')
  if ((isSafe && !logsIn) || isCallback(req, config.CALLBACK_PATHS)) return
  const { origin, 'sec-fetch-site': site } = req.headers
  if (allowedOrigin(req, config) !== undefined) return
  if (site !== undefined) {
    if (site === 'same-origin' || site === 'none') return
  } else if (origin === undefined || isOwn(origin, req, config.PUBLIC_ORIGIN)) return
  if (isSafe && !logsIn?.()) return
  throw new GatewayError('CROSS_SITE', pageOf(req))
}

/**
 * Refuses a WebSocket that another site's page opens: the browser sends the visitor's cookies along, and no CORS holds it back
 * (cross-site WebSocket hijacking, RFC 6455 §10.2). Every browser says its page's origin; who says none is no browser.
 * @throws GatewayError CROSS_SITE
 */
export function refuseForeignSocket(req: IncomingMessage, config: Allowances): void {
  const { origin } = req.headers
  if (origin === undefined || allowedOrigin(req, config) !== undefined) return
  if (!isOwn(origin, req, config.PUBLIC_ORIGIN)) throw new GatewayError('CROSS_SITE', pageOf(req))
}

/** What its browser says of the page that sent a request, for the log: what ALLOWED_ORIGINS would have to name. */
export function pageOf({ headers: { origin, 'sec-fetch-site': site } }: IncomingMessage): string {
  // a browser's Origin is no more than that; what anything else writes into it may be a secret
  const named =
    origin !== undefined && /^(null|[\w+.-]+:\/\/[\w.:[\]-]{1,255})$/.test(origin) ? origin : 'none'
  return `Origin ${named.slice(0, 300)}, Sec-Fetch-Site ${String(site ?? 'none').slice(0, 20)}`
}

/** The request's Origin as it came, where its pages may log in here; undefined for any other. */
export function allowedOrigin(
  { headers: { origin } }: IncomingMessage,
  { ALLOWED_ORIGINS: allowed }: Pick<Config, 'ALLOWED_ORIGINS'>,
): string | undefined {
  return origin !== undefined && allowed.includes(origin.toLowerCase()) ? origin : undefined
}

function isCallback({ method, url = '' }: IncomingMessage, callbacks: readonly string[]): boolean {
  return method === 'POST' && callbacks.length > 0 && callbacks.includes(url.split('?', 1)[0] ?? '')
}

/** Whether an Origin is the one by which the visitor reached the front. */
function isOwn(origin: string, { headers }: IncomingMessage, origins: readonly string[]): boolean {
  if (!URL.canParse(origin)) return false
  const { 'x-forwarded-host': host = '', 'x-forwarded-proto': proto } = headers
  if (origins.length > 0) {
    const own = `${proto}://${host}`.toLowerCase()
    return origins.includes(own) && origin.toLowerCase() === own
  }
  const { protocol, host: from } = new URL(origin)
  // a proxy may write the default port (`Host $host:$server_port`) or capitals into Host
  const own = `${protocol}//${host}`
  return host !== '' && URL.parse(own)?.host === from
}
