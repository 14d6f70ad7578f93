import { nameOf } from '../settings/routes.ts'

/** Where the client is, and where the backend is that the front stands for. */
export type Places = {
  readonly backend: URL
  /** what else the backend is called, without ports: by the Host that it gets, and in its certificate */
  readonly names?: readonly string[]
  /** scheme and host by which the client asked; absent for a page's own calls */
  readonly asked?: { readonly proto: string; readonly host: string } | undefined
  /** PUBLIC_ORIGIN */
  readonly origins: readonly string[]
  /** where a path of the backend's is here; absent where it is the same */
  readonly toPublic?: ((path: string) => string) | undefined
}

/** Scheme and authority of a URL that names a host, as browsers read it. */
const ORIGIN = /^(?:https?:)?[/\\]{2}[^/?#\\]*/i

/**
 * A URL of `Location` or `Content-Location` as the client can use it. One on the backend's own host becomes a path of the site, for the
 * client cannot reach that host, whatever the scheme and the port: behind an ALB that ends TLS, an API takes itself for
 * `http:`. One by http on a host of the site that is served by https becomes https: where the API goes by its own connection,
 * the client would be sent to http and back for ever. Any other stays as it is, byte for byte.
 */
export function translateUrl(value: string, places: Places): string {
  const { toPublic = path => path } = places
  const [start = ''] = ORIGIN.exec(value) ?? []
  if (start === '') return toPublic(value)
  const base = `${places.asked?.proto ?? 'http'}://base.invalid`
  const url = URL.parse(value, base)
  if (!url) return value
  if (isOfBackend(url, places)) return toPublic(pathOf(value.slice(start.length)))
  const origin = /^http:/i.test(start) ? secureOrigin(url, places) : undefined
  return origin === undefined ? value : `${origin}${value.slice(start.length)}`
}

/** The same of the URL in `Refresh: 5; url=…`, quoted or not (HTML, "shared declarative refresh steps"). */
export function translateRefresh(value: string, places: Places): string {
  const [whole, start, quote, url] = /^(\s*[\d.]*\s*[;,]?\s*(?:url\s*=\s*)?)(["']?)(.*)$/is.exec(value) ?? []
  if (whole === undefined || start === undefined || quote === undefined || url === undefined) return value
  const end = quote === '' ? url.length : url.indexOf(quote)
  const target = end === -1 ? url : url.slice(0, end)
  return `${start}${quote}${translateUrl(target, places)}${url.slice(target.length)}`
}

/**
 * Where a page asks, or the site itself has the backend's host name, as on one machine, another port may be somebody else's,
 * who can be reached: the port must then be the backend's, or none.
 */
function isOfBackend(url: URL, { backend, names = [], origins, asked }: Places): boolean {
  if (nameOf(url) !== nameOf(backend)) {
    const sites = [...origins, ...(asked ? [`${asked.proto}://${asked.host}`] : [])]
    return (
      names.includes(nameOf(url)) &&
      !sites.some(each => URL.canParse(each) && isHostOf(new URL(each).host, url))
    )
  }
  if (asked && !isHostOf(asked.host, backend)) return true
  return url.port === '' || url.port === backend.port || url.host === asked?.host.toLowerCase()
}

const isHostOf = (host: string, { hostname }: URL) => host.toLowerCase().replace(/:\d+$/, '') === hostname

/** The origin by https that serves the host of a URL by http; with the port of http, of https, or of that origin. */
function secureOrigin(url: URL, { asked, origins }: Places): string | undefined {
  if (asked?.proto !== 'https') return undefined
  return [`https://${asked.host}`, ...origins].find(origin => {
    const site = URL.parse(origin)
    return (
      site?.protocol === 'https:' &&
      site.hostname === nameOf(url) &&
      ['', '443', site.port].includes(url.port)
    )
  })
}

/**
 * What follows an origin, as a path. Leading slashes become one: `//elsewhere.example` would leave the site. So would it with
 * a tab in it, which browsers leave out.
 */
const pathOf = (rest: string) => rest.replace(/^[/\\\t]*/, '/')
