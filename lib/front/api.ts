import { type Allowances, refuseCrossSite } from '../login/cross-site.ts'
import type { Handler } from '../login/login.ts'
import type { BackendProxy } from '../proxy/proxy.ts'

/**
 * Passes on what is no login. Whether another site's page may ask is the API's own to say (CORS, CSRF), but for a route that `checksSite`.
 */
export function createApi(config: Allowances, proxy: BackendProxy): Handler {
  return (req, res, record, found) => {
    if (found.route.checksSite) refuseCrossSite(req, config)
    record.route = 'api'
    return proxy(req, res, record, found)
  }
}
