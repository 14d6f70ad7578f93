import { isIPv6 } from 'node:net'

/** Where Next's server assumes that it listens: `request.url` in a page begins with it. */
export type Self = { readonly hostname: string; readonly port: number }

const ANY = new Set(['0.0.0.0', '[::]'])
/** What Next writes as `localhost` in every URL that it hands to the app (next/dist/server/web/next-url.js). */
const LOOPBACK = /^(127\.[\d.]+|\[::1\])$/

/**
 * What Next is told: `localhost` where the front listens on all addresses, as `next start` has it, or on a loopback one.
 * Told 127.0.0.1, it compares that with the `localhost` it has written itself, and takes a rewrite of proxy.ts for one
 * to another server (vercel/next.js#94745).
 * @param port the front's own, not 0
 */
export function selfOf(host: string, port: number): Self {
  const hostname = inUrl(host)
  return { hostname: ANY.has(hostname) || LOOPBACK.test(hostname) ? 'localhost' : host, port }
}

/** Host and port as they stand in a URL. */
export const nameInUrl = ({ hostname, port }: Self) =>
  `${isIPv6(hostname) ? `[${hostname}]` : hostname}:${port}`

/** In the one way that a URL has for an address. */
function inUrl(host: string): string {
  const url = `http://${isIPv6(host) ? `[${host}]` : host}`
  return URL.parse(url)?.hostname ?? host
}
