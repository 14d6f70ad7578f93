import type { Config } from '../../lib/settings/settings.ts'

/**
 * The headers that the API gets from the front with a visitor's request, as far as the settings say them: an API, or a rule of
 * its load balancer, may answer another Host or a request without them with 404, 403 or a redirect.
 */
export function headersAsFront({
  routes,
  PUBLIC_ORIGIN: [site],
  BACKEND_ORIGIN,
}: Config): Record<string, string> {
  const route = routes.find(({ kind }) => kind === 'login') ?? routes[0]
  const asked = site === undefined ? undefined : new URL(site)
  const own = route?.host === 'client' ? asked?.host : route?.host
  return {
    Host: own === undefined || own === 'backend' ? BACKEND_ORIGIN.host : own,
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
