export type FindPublic = ReturnType<typeof findPublicIn>

const DEFAULT_PORT: { readonly [proto: string]: string } = { http: '80', https: '443' }

/**
 * Finds the public origin that has a host, such as `www.dev.jp` or `www.dev.jp:8443`, as X-Forwarded-* say it; undefined where none has it.
 * @param origins PUBLIC_ORIGIN. Where two of them have the same host, one by http and one by https, the request's own
 *   scheme decides
 */
export function findPublicIn(origins: readonly string[]) {
  const known = origins.map(origin => {
    const { host, port, protocol } = new URL(origin)
    const proto = protocol.slice(0, -1)
    return { host, proto, port: port || (DEFAULT_PORT[proto] ?? '') }
  })
  return (host: string | undefined, proto: string) => {
    if (host === undefined || known.length === 0) return undefined
    const asked = host.toLowerCase()
    const fitting = known.filter(
      each => asked === each.host || asked === `${each.host}:${DEFAULT_PORT[each.proto]}`,
    )
    return fitting.find(each => each.proto === proto) ?? fitting[0]
  }
}
