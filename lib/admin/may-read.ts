import type { IncomingMessage } from 'node:http'
import { isIPv4, isIPv6 } from 'node:net'
import type { Config } from '../settings/settings.ts'

/**
 * Whether the admin listener answers this request with more than health. Protection against DNS rebinding: a site can let its own name point to this
 * machine once its page is loaded, and its script could then read everything as its own origin. `Host` has the site's name in that case, so only an IP
 * address, `localhost` and ADMIN_HOST are accepted there. A scraper may use any name for this machine: it gets `/metrics`, unless it sends
 * Accept-Language, as every browser does.
 * With a token any name will do: a browser sends the token only to the name for which its user typed it.
 * @param config the settings; ADMIN_TOKEN has been checked before
 */
export function mayRead(
  { url, headers }: IncomingMessage,
  { ADMIN_HOST: adminHost, ADMIN_TOKEN: token }: Pick<Config, 'ADMIN_HOST' | 'ADMIN_TOKEN'>,
): boolean {
  if (token === null && !isOurs(headers.host ?? '', adminHost)) {
    // a script can empty this header, and cannot take it away (measured with Chromium, fetch and XHR). Sec-Fetch-*, Origin
    // and Referer need not be there: this is plain HTTP, and of the page's own origin
    return url === '/metrics' && headers['accept-language'] === undefined
  }
  // the page of another site cannot read the stream, but could use up all streams
  return url !== '/events' || /^(same-origin|none)$/.test(headers['sec-fetch-site']?.toString() ?? 'none')
}

function isOurs(host: string, adminHost: string): boolean {
  const name = host.replace(/:\d+$/, '').toLowerCase()
  const isAddress = isIPv4(name) || (/^\[.*\]$/.test(name) && isIPv6(name.slice(1, -1)))
  return isAddress || name === 'localhost' || name === adminHost.toLowerCase()
}
