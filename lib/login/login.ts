import type { IncomingMessage, ServerResponse } from 'node:http'
import { loginPathOf } from '../http/backend-path.ts'
import { ERRORS, GatewayError } from '../http/errors.ts'
import { isLogin, isLoginItself } from '../http/paths.ts'
import type { RequestRecord } from '../observe/outcome.ts'
import type { BackendProxy } from '../proxy/proxy.ts'
import type { Config } from '../settings/settings.ts'
import { refuseCrossSite, SAFE } from './cross-site.ts'
import type { LoginLimit, Pass } from './limits/limit.ts'

type Parts = {
  readonly config: Pick<Config, 'ALLOWED_ORIGINS' | 'BACKEND_PATHS' | 'CALLBACK_PATHS' | 'PUBLIC_ORIGIN'>
  readonly proxy: BackendProxy
  readonly limit?: LoginLimit | undefined
}

/** Serves an admitted request. @throws GatewayError where it comes to nothing; the caller answers with it */
export type Handler = (req: IncomingMessage, res: ServerResponse, record: RequestRecord) => Promise<void>

/** What only logins have, before they are proxied: the cross-site check and the limits of failed logins. */
export function createLogin({ config, proxy, limit }: Parts): Handler {
  const path = loginPathOf(config.BACKEND_PATHS)
  const allowances = {
    allowed: config.ALLOWED_ORIGINS,
    origins: config.PUBLIC_ORIGIN,
    callbacks: config.CALLBACK_PATHS,
  }
  return async (req, res, record) => {
    refuseCrossSite(req, allowances)
    record.route = 'login'
    record.isLogin = isLogin(req, config.BACKEND_PATHS)
    // by any method that is not safe: many an API takes a login by PUT as well. What is below, or on another path, is none: an
    // expired session's 401 is no wrong password, and an upload must not hold a place for its whole time
    const isCounted =
      !SAFE.includes(req.method ?? '') && path !== undefined && isLoginItself(req.url ?? '', [path])
    if (!limit || !isCounted) return proxy(req, res, record)
    // admission has written it
    const { client = { address: String(req.headers['x-real-ip']), is: 'client' } } = record
    const left = new AbortController()
    let pass: Pass | undefined
    res.once('close', () => {
      left.abort(new GatewayError('BAD_REQUEST', new Error('the client left before its turn')))
      pass?.leave(record.answered ?? (record.code && ERRORS[record.code].status))
    })
    return proxy(req, res, record, async body => {
      pass = await limit.enter(req, body, client, left.signal)
    })
  }
}
