import { listOf, parseOrigin } from './kinds.ts'

/** A host as browsers send it, with a port or not: a name in ASCII, an IPv4 address, or an IPv6 one in brackets. */
const HOST = /^([\w.-]+|\[[\da-f:.]+\])(:\d{1,5})?$/
const APP = /^([a-z][a-z\d+.-]*):\/\/[\w.-]+(:\d{1,5})?$/
/** No page has an origin with one of these: browsers send `null` for it, or open no page by it. */
const NEVER_SENT = ['http', 'https', 'file', 'ws', 'wss', 'ftp', 'about', 'blob', 'data', 'javascript']

/** An origin of the web in lower case, as browsers send it: without its default port, a path or a `*`. */
const isWeb = (part: string) => {
  const url = parseOrigin(part)
  return url !== undefined && url.origin === part && HOST.test(url.host)
}

/** As above, or that of a page within an app: `capacitor://localhost`. */
const isSent = (part: string) => {
  const [, scheme] = APP.exec(part) ?? []
  return isWeb(part) || (scheme !== undefined && !NEVER_SENT.includes(scheme))
}

/** PUBLIC_ORIGIN: a list of origins, or undefined where one of them is none. */
export const parsePublicOrigins = (text: string): readonly string[] | undefined =>
  listOf(text.toLowerCase(), isWeb)

/** ALLOWED_ORIGINS: what a browser may send in `Origin`, or undefined where a part can never match. */
export const parseAllowedOrigins = (text: string): readonly string[] | undefined =>
  listOf(text.toLowerCase(), isSent)
