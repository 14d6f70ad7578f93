/**
 * Headers that belong to one connection and are never passed on (RFC 9110 §7.6.1, RFC 9112 §7.4), `Expect` among
 * them, since Node has answered it. `Trailer` is one of those that ended a whole http-proxy-middleware process.
 */
const HOP_BY_HOP: ReadonlySet<string> = new Set([
  'connection',
  'expect',
  'http2-settings',
  'keep-alive',
  'proxy-authenticate',
  'proxy-authentication-info',
  'proxy-authorization',
  'proxy-connection',
  'te',
  'trailer',
  'transfer-encoding',
  'upgrade',
])

/** What the front writes of who asked for what, and trusts of its proxies alone. */
export const FORWARDED: ReadonlySet<string> = new Set([
  'x-forwarded-for',
  'x-forwarded-host',
  'x-forwarded-port',
  'x-forwarded-proto',
])

/** Without these a message loses its meaning, or its sender: no `Connection` header may name them. */
const NEVER_NAMED: ReadonlySet<string> = new Set([
  'authorization',
  'content-length',
  'content-type',
  'cookie',
  'host',
  'transfer-encoding',
  ...FORWARDED,
  'x-real-ip',
  'x-request-id',
])

/**
 * A test for the header names (in lower case) that stay behind at this hop: the standard's, and those that the
 * message's own `Connection` header names.
 */
export function hopByHop(connection: string | undefined): (name: string) => boolean {
  if (connection === undefined || /^\s*(close|keep-alive)\s*$/i.test(connection)) {
    return name => HOP_BY_HOP.has(name)
  }
  const named = new Set(namedBy(connection))
  return name => HOP_BY_HOP.has(name) || named.has(name)
}

/** So many names in a `Connection` header are borne; who sends more wants something else. */
const MOST_NAMED = 50

const namedBy = (connection: string, most?: number) =>
  connection.split(',', most).map(each => each.trim().toLowerCase())

/** Whether a `Connection` header has an option, `close` or `keep-alive` (RFC 9110 §7.6.1). */
export const hasOption = (connection: string, option: 'close' | 'keep-alive'): boolean =>
  connection !== '' && namedBy(connection).includes(option)

/**
 * Whether a `Connection` header tries to take away what frames or authenticates the request, or says whose it is; or names
 * more than 50 headers.
 */
export function namesTooMuch(connection: string): boolean {
  const named = namedBy(connection, MOST_NAMED + 1)
  return named.length > MOST_NAMED || named.some(name => NEVER_NAMED.has(name))
}
