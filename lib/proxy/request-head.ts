import type { ClientRequest, IncomingMessage } from 'node:http'
import { GatewayError } from '../http/errors.ts'
import type { Route } from '../settings/routes.ts'

/**
 * The headers that a route sets, in place of the client's; an empty value takes one away. On what is sent and not on what came: log,
 * login limits and error pages read the client's own, and these values may be secret.
 */
export function setHeaders(proxyReq: ClientRequest, { headers }: Route): void {
  for (const [name, value] of headers) {
    if (value === '') proxyReq.removeHeader(name)
    else proxyReq.setHeader(name, value)
  }
}

/**
 * The Host that an API gets.
 * @param origins PUBLIC_ORIGIN: a visitor must not choose which host rule of a private ALB applies
 * @returns for an admitted request; undefined where it is the origin's own
 * @throws GatewayError MISDIRECTED where the client's is to be kept, and is none of these
 */
export function createHosts(origins: readonly string[]) {
  const known = new Set(origins.map(each => new URL(each).host))
  return ({ host }: Route, { headers }: IncomingMessage): string | undefined => {
    if (host === 'backend') return undefined
    if (host !== 'client') return host
    const asked = headers['x-forwarded-host']
    if (typeof asked !== 'string') throw new GatewayError('MISDIRECTED')
    const name = asked.toLowerCase().replace(/:(80|443)$/, '')
    if (!known.has(name) && !known.has(asked.toLowerCase())) throw new GatewayError('MISDIRECTED')
    return asked
  }
}
