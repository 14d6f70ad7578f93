/** A host or a domain as a cookie may name it, or with a port or a dot behind it, which no browser takes; anything else is odd, and left to it. */
const DOMAIN = /^\.?([\w-]+(\.[\w-]+)*)(:\d*|\.)?$/

/**
 * A `Set-Cookie` as a browser at `host` takes it: one whose `Domain` does not cover that host is ignored whole (RFC 6265
 * §5.3), so the attribute is dropped, and the cookie belongs to the host alone. Of several the last counts (§5.2.3);
 * a domain of one label covers only itself, for it is nobody's own. `__Host-` cookies may have none at all, wherever they
 * come from, and stay as they are. What is left of the value is as it came, byte for byte.
 * @param host by which the client asked, without its port
 * @returns with the domain that was dropped, if one was
 */
export function narrowCookie(
  value: string,
  host: string,
): { value: string; dropped?: { cookie: string; domain: string } } {
  const [pair = '', ...attributes] = value.split(';')
  const cookie = pair.split('=', 1)[0]?.trim() ?? ''
  const domain = attributes.map(domainOf).findLast(each => each !== undefined)
  if (!domain || /^__host-/i.test(cookie)) return { value }
  const [, name, , rest = ''] = DOMAIN.exec(domain) ?? []
  if (name === undefined || (rest === '' && covers(name.toLowerCase(), host))) return { value }
  const kept = attributes.filter(each => domainOf(each) === undefined)
  return { value: [pair, ...kept].join(';'), dropped: { cookie, domain } }
}

/** Of an attribute `Domain`; undefined of any other. */
function domainOf(attribute: string): string | undefined {
  const equals = attribute.indexOf('=')
  const name = equals === -1 ? attribute : attribute.slice(0, equals)
  return name.trim().toLowerCase() === 'domain' ? attribute.slice(name.length + 1).trim() : undefined
}

function covers(domain: string, host: string): boolean {
  if (host === domain) return true
  // an address has no domain that it is below
  return domain.includes('.') && !/^[\d.]+$/.test(host) && host.endsWith(`.${domain}`)
}
