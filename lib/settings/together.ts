import { isIPv4 } from 'node:net'
import type { Config } from './schema.ts'

/** @returns the mistakes of settings that do not fit together, a line each */
export function mistakesTogether(config: Config): string[] {
  return [ports(config), admin(config), clientAddress(config), ...callbackPaths(config)].filter(
    each => each !== undefined,
  )
}

function ports({ PORT, ADMIN_PORT, EGRESS_PORT }: Config): string | undefined {
  const taken = [PORT, ADMIN_PORT, EGRESS_PORT].filter(each => each !== 0)
  if (new Set(taken).size === taken.length) return undefined
  return `PORT, ADMIN_PORT and EGRESS_PORT are ${PORT}, ${ADMIN_PORT} and ${EGRESS_PORT}; accepted: three different ports`
}

/** What the admin listener tells is not for everybody who can reach the task. */
function admin({ ADMIN_HOST: host, ADMIN_TOKEN: token }: Config): string | undefined {
  if (token !== null || isLoopback(host)) return undefined
  return `ADMIN_HOST is ${JSON.stringify(host)}, and ADMIN_TOKEN is not set; accepted: both, with a token of 32 characters or more from a secret (openssl rand -hex 32), or ADMIN_HOST=127.0.0.1`
}

const isLoopback = (host: string) =>
  /^(localhost|::1)$/i.test(host) || (isIPv4(host) && host.startsWith('127.'))

/** A header that anybody can send names no client. */
function clientAddress({ CLIENT_ADDRESS_HEADER: header, CLIENT_ADDRESS_PROOF: proof }: Config) {
  if (header !== '' && proof === null)
    return `CLIENT_ADDRESS_HEADER is ${JSON.stringify(header)}, and CLIENT_ADDRESS_PROOF is not set; accepted with it: a header with a secret that the CDN adds (X-Origin-Verify: …), or network where nobody but the CDN can reach the load balancer`
  if (header === '' && proof !== null)
    return 'CLIENT_ADDRESS_PROOF is set, and CLIENT_ADDRESS_HEADER is not; accepted: both, or none'
  if (proof !== null && proof !== 'network' && proof.some(({ name }) => name === header))
    return `CLIENT_ADDRESS_PROOF has its secret in ${header}, which is CLIENT_ADDRESS_HEADER; accepted: another header`
  return undefined
}

function callbackPaths({ CALLBACK_PATHS, routes }: Config): string[] {
  return CALLBACK_PATHS.flatMap(path => {
    const is = `CALLBACK_PATHS has ${JSON.stringify(path)}`
    if (!routes.some(each => path === each.path || (!each.exact && path.startsWith(`${each.path}/`))))
      return `${is}; accepted: paths that are in BACKEND_PATHS, or below one of them (pages have no cross-site check)`
    if (routes.some(each => each.kind === 'login' && path === each.path))
      return `${is}, where logins go; accepted: other paths, or any site could log a visitor in as somebody else`
    return []
  })
}
