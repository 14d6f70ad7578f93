/** A path that servers may read in more than one way: escapes, parameters, backslashes, repeated slashes, dot segments. */
export const isOdd = (path: string): boolean => ODD.test(path)
const ODD = /[%;\\]|\/\/|\/\.{1,2}(\/|$)/

/**
 * All that a server may take a path for. Servers differ in whether `%2F` and a backslash separate segments, whether `;…` is part of
 * a segment (Tomcat takes it off before it looks at dots, Spring before it decodes as well), and whether repeated slashes are merged
 * before dot segments are resolved or after. Each escape is decoded once, as servers do, and `%u0041` is one to IIS.
 * @returns with repeated slashes merged; bytes that an escape stands for are characters of the same number
 */
export function readingsOf(path: string): Set<string> {
  const readings = new Set<string>()
  for (const raw of new Set([path, withoutParameters(path)])) {
    const decoded = decode(raw, /%(?:u00)?([\da-f]{2})/gi)
    const inPart = decode(raw, /%(?:u00)?(?!2f|5c)([\da-f]{2})/gi)
    for (const segments of [inPart, decoded, decoded.replaceAll('\\', '/')])
      for (const bare of [segments, withoutParameters(segments)])
        for (const merged of [bare, mergeSlashes(bare)]) readings.add(mergeSlashes(resolveDots(merged)))
  }
  return readings
}

const withoutParameters = (path: string) => path.replace(/;[^/]*/g, '')

export const mergeSlashes = (path: string): string =>
  path.includes('//') ? path.replace(/\/{2,}/g, '/') : path

const decode = (path: string, escapes: RegExp) =>
  path.replace(escapes, (_, digits: string) => String.fromCharCode(Number.parseInt(digits, 16)))

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
