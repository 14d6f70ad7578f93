import type { IncomingMessage } from 'node:http'
import { isIPv4, isIPv6 } from 'node:net'

/**
 * Whether the admin listener tells this request anything but health. A site can have its own name point to this machine once
 * its page is loaded (DNS rebinding): then all of this would be of the page's origin, and it could read it. Its name is in
 * `Host`, so nothing but an address, `localhost` and ADMIN_HOST is taken there. A scraper may have any name for us: it gets
 * `/metrics`, unless it sends what every browser does.
 */
export function mayRead({ url, headers }: IncomingMessage, adminHost: string): boolean {
  if (!isOurs(headers.host ?? '', adminHost)) {
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
