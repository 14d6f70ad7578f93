import type { IncomingMessage } from 'node:http'
import { isIPv4, isIPv6 } from 'node:net'
import type { Config } from '../settings/settings.ts'

/**
 * Whether the admin listener tells this request anything but health. A site can have its own name point to this machine once
 * its page is loaded (DNS rebinding): then all of this would be of the page's origin, and it could read it. Its name is in
 * `Host`, so nothing but an address, `localhost` and ADMIN_HOST is taken there. A scraper may have any name for us: it gets
 * `/metrics`, unless it sends what every browser does.
 *
 * Where a token was asked for the name does not matter: a browser keeps it for the name by which its user gave it.
 * @param config the settings; by then ADMIN_TOKEN was checked
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
  // another site's page could not read the streams, and would take all that there are
  return url !== '/events' || /^(same-origin|none)$/.test(headers['sec-fetch-site']?.toString() ?? 'none')
}

function isOurs(host: string, adminHost: string): boolean {
  const name = host.replace(/:\d+$/, '').toLowerCase()
  const isAddress = isIPv4(name) || (/^\[.*\]$/.test(name) && isIPv6(name.slice(1, -1)))
  return isAddress || name === 'localhost' || name === adminHost.toLowerCase()
}
