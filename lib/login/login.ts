import type { IncomingMessage, ServerResponse } from 'node:http'
import { ERRORS, GatewayError } from '../http/errors.ts'
import type { Client, RequestRecord } from '../observe/outcome.ts'
import type { BackendProxy } from '../proxy/proxy.ts'
import type { FindRoute, Found } from '../routes/table.ts'
import { type Allowances, refuseCrossSite } from './cross-site.ts'
import type { LoginLimit, Pass } from './limits/limit.ts'
import { hasCredentials, mayLogIn } from './limits/may-log-in.ts'

/** Serves an admitted request. @throws GatewayError where it comes to nothing; the caller answers with it */
export type Handler = (
  req: IncomingMessage,
  res: ServerResponse,
  record: RequestRecord,
  found: Found,
) => Promise<void>

/**
 * Passes on what a route takes. Whether another site's page may ask what is no login is the API's own to say (CORS, CSRF), but for a
 * route that `checksSite`.
 * @param send `withLoginLimit`
 */
export function createRouteHandler(config: Allowances, send: Handler): Handler {
  return (req, res, record, found) => {
    const { kind, checksSite } = found.route
    const isLoginPath = kind === 'login' && found.isOwnPath
    record.isLogin = isLoginPath && req.method === 'POST'
    // many an API takes a login by GET as well, and a link or an image of any page sends one
    if (checksSite)
      refuseCrossSite(req, config, isLoginPath ? () => hasCredentials(req.url ?? '') : undefined)
    record.route = kind
    return send(req, res, record, found)
  }
}

/** Where a request goes: one that cannot be a login is none by its path's extension alone, be it for a style sheet or a handshake. */
export function findFor(req: IncomingMessage, find: FindRoute): Found | undefined {
  const found = find(req.url ?? '')
  return found?.ifNotLogin && !mayLogIn(req) ? found.ifNotLogin : found
}

/** A proxy that holds the limits of failed logins for what goes to a login's path. */
export function withLoginLimit(proxy: BackendProxy, limit: LoginLimit | undefined): Handler {
  if (!limit) return proxy
  return (req, res, record, found) => {
    // by any method that is not safe: many an API takes a login by PUT as well. What is below the path is none: an expired
    // session's 401 is no wrong password, and an upload must not hold a place for its whole time
    if (found.route.kind !== 'login' || !found.isOwnPath || !mayLogIn(req))
      return proxy(req, res, record, found)
    record.isLimited = true
    // admission has written it
    const { client = { address: String(req.headers['x-real-ip']), is: 'client' } satisfies Client } = record
    const left = new AbortController()
    let pass: Pass | undefined
    res.once('close', () => {
      left.abort(new GatewayError('BAD_REQUEST', new Error('the client left before its turn')))
      pass?.leave(record.answered ?? (record.code && ERRORS[record.code].status), record.challenged)
    })
    return proxy(req, res, record, found, async body => {
      pass = await limit.enter(req, body, client, left.signal)
    })
  }
}
