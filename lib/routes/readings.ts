import { GatewayError } from '../http/errors.ts'

/** Whether servers may read a path in more than one way: escapes, parameters, backslashes, repeated slashes, dot segments. */
export const isOdd = (path: string): boolean => ODD.test(path)
const ODD = /[%;\\]|\/\/|\/\.{1,2}(\/|$)/

/** So long an odd path is read in all ways, which takes 50 ms for one of 64 KB; many a server takes none that is longer. */
const MOST_READ = 8192
/** With dot segments there are ten times as many ways, 28 ms for 8 KB; clients resolve those before they ask (RFC 3986 §5.2.4). */
const MOST_READ_WITH_DOTS = 1024
const DOTS = /(?:[/\\]|%(?:25)?(?:2f|5c))(?:\.|%(?:25)?2e){1,2}(?:[/\\;]|%(?:25)?(?:2f|5c|3b)|$)/i

/** Whether a path is odd and too long to be read in all ways. */
export const isTooLong = (path: string): boolean =>
  path.length > MOST_READ_WITH_DOTS && isOdd(path) && (path.length > MOST_READ || DOTS.test(path))

/**
 * All that a server may take a path for, itself alone where that is plain. Servers differ in what they do, and in which order: take `;…` off
 * a segment (Tomcat does before it looks at dots, Spring before it decodes), take `%2F` and a backslash for a slash, merge slashes,
 * resolve dot segments. Each escape is decoded once, as servers do, and `%u0041` is one to IIS. Behind an Nginx with
 * `proxy_pass http://$api$uri` it is decoded twice: that Nginx sends `%256c` on as `%6c`.
 * @returns those with repeated slashes merged; bytes that an escape stands for are characters of the same number
 * @throws GatewayError BAD_REQUEST at one that is too long
 */
export function readingsOf(path: string): string[] {
  if (!isOdd(path)) return [path]
  if (isTooLong(path))
    throw new GatewayError('BAD_REQUEST', 'the path is too long for one with escapes or dot segments')
  const raw = inAnyOrder([path])
  const once = inAnyOrder([...raw, ...raw.map(decode), ...raw.map(decodeInSegments)])
  const readings = path.includes('%25') ? inAnyOrder([...once, ...once.map(decode)]) : once
  return readings.filter(each => !each.includes('//'))
}

const withoutParameters = (path: string) => path.replace(/;[^/]*/g, '')
const withSlashes = (path: string) => path.replaceAll('\\', '/')
/** That Nginx also writes `%3f`, `%23` and `%20` of a path as what ends it. */
const upToItsEnd = (path: string) => path.replace(/[?#\0\t\r\n ].*/s, '')

/** `%c0%af` is a slash to lax decoders of UTF-8, such as GlassFish's (CVE-2017-1000028). */
const withoutOverlong = (path: string) =>
  path.replace(/(?:\xf0\x80(?=[\x80\x81])|\xe0(?=[\x80\x81])|(?=[\xc0\xc1]))(.)([\x80-\xbf])/g, asAscii)
const asAscii = (_: string, high: string, low: string) =>
  String.fromCharCode(((high.charCodeAt(0) & 1) << 6) | (low.charCodeAt(0) & 0x3f))

/** What becomes of paths by these steps, as many of them as may be. */
function inAnyOrder(paths: readonly string[]): string[] {
  const found = new Set(paths)
  // a set's iteration comes to what is added meanwhile; a step never makes a path longer, so that it ends
  for (const each of found) for (const step of STEPS) found.add(step(each))
  return [...found]
}

export const mergeSlashes = (path: string): string =>
  path.includes('//') ? path.replace(/\/{2,}/g, '/') : path

const decode = (path: string) => path.replace(/%(?:u00)?([\da-f]{2})/gi, characterOf)
const decodeInSegments = (path: string) => path.replace(/%(?:u00)?(?!2f|5c)([\da-f]{2})/gi, characterOf)
const characterOf = (_: string, digits: string) => String.fromCharCode(Number.parseInt(digits, 16))

/** RFC 3986 §5.2.4; a segment `..;a=1` is one of dots for whoever takes parameters off. */
function resolveDots(path: string): string {
  if (!path.includes('/.')) return path
  const kept: string[] = []
  const segments = path.slice(1).split('/')
  const last = segments.at(-1)
  for (const segment of segments) {
    if (segment === '..') kept.pop()
    else if (segment !== '.') kept.push(segment)
  }
  return `/${kept.join('/')}${(last === '.' || last === '..') && kept.length > 0 ? '/' : ''}`
}

const STEPS = [withoutOverlong, withoutParameters, withSlashes, mergeSlashes, upToItsEnd, resolveDots]
