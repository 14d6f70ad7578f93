/** Where a visitor sees the site, as X-Forwarded-* say it. */
export type PublicOrigin = { readonly host: string; readonly proto: string; readonly port: string }

/** Finds the public origin that has a host, such as `www.dev.jp` or `www.dev.jp:8443`; undefined where none has it. */
export type FindPublic = (host: string | undefined, proto: string) => PublicOrigin | undefined

const DEFAULT_PORT: { readonly [proto: string]: string } = { http: '80', https: '443' }

/**
 * @param origins PUBLIC_ORIGIN. Where two of them have the same host, one by http and one by https, the request's own
 *   scheme decides
 */
export function findPublicIn(origins: readonly string[]): FindPublic {
  const known = origins.map(origin => {
    const { host, port, protocol } = new URL(origin)
    const proto = protocol.slice(0, -1)
    return { host, proto, port: port || (DEFAULT_PORT[proto] ?? '') }
  })
  return (host, proto) => {
    if (host === undefined || known.length === 0) return undefined
    const asked = host.toLowerCase()
    const fitting = known.filter(
      each => asked === each.host || asked === `${each.host}:${DEFAULT_PORT[each.proto]}`,
    )
    return fitting.find(each => each.proto === proto) ?? fitting[0]
  }
}
