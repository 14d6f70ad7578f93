import { loginAt } from '../../lib/backend/backends.ts'
import { loginOrFirst } from '../../lib/settings/routes.ts'
import type { Config } from '../../lib/settings/settings.ts'

/**
 * The headers that the API gets from the front with a visitor's request, as far as the settings say them: an API, or a rule of
 * its load balancer, may answer another Host or a request without them with 404, 403 or a redirect.
 */
export function headersAsFront({ routes, PUBLIC_ORIGIN, BACKEND_ORIGIN }: Config): Record<string, string> {
  const [site] = PUBLIC_ORIGIN
  const route = loginOrFirst(routes)
  const asked = site === undefined ? undefined : new URL(site)
  return {
    Host: loginAt(BACKEND_ORIGIN, routes, PUBLIC_ORIGIN).host,
    'User-Agent': 'gatehouse-doctor',
    Accept: 'application/json, text/html;q=0.9, */*;q=0.8',
    ...(asked && {
      'X-Forwarded-Proto': asked.protocol.slice(0, -1),
      'X-Forwarded-Host': asked.host,
      Origin: asked.origin,
    }),
    // an empty value takes a header away
    ...Object.fromEntries(route?.headers.filter(([, value]) => value !== '') ?? []),
  }
}
