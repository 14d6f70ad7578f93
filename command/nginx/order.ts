import type { Notes } from './finding.ts'
import { type Location, shown } from './locations.ts'
import { type RoutePath, type RoutePaths, routePaths } from './paths.ts'
import { locationFor } from './search.ts'
import type { SortedServer } from './sort-locations.ts'

/** A segment that no file names: what is below a path and nothing else. */
export const ANY = '-other'

export type Order = {
  /** locations that no request comes to */
  readonly passedOver: ReadonlySet<Location>
  /** which location has all of a route's paths before its own; undefined where none has, or that is not sure */
  takerOf(location: Location, route: RoutePath): Location | undefined
}

/** What Nginx never asks: it asks regular expressions before prefixes, and the first that fits, but none beside a `^~`. */
export function orderOf({ backends, pages, locations }: SortedServer, notes: Notes): Order {
  const passing = new Set([...backends.map(({ location }) => location), ...pages])
  const routesOf = (location: Location) => {
    const { modifier, target } = location
    if (!modifier.startsWith('~') || typeof target !== 'object' || !passing.has(location)) return undefined
    const routes = routePaths(location, target, locations, notes.texts.paths)
    return typeof routes === 'object' ? routes : undefined
  }
  // of any other regular expression it is not known what else it fits
  const isSure = (taker: Location | undefined) =>
    taker !== undefined && (!taker.modifier.startsWith('~') || routesOf(taker) !== undefined)
  // one that is nested may be asked for a part of its paths alone
  const isPart = ({ modifier, parent }: Location, routes: RoutePaths | undefined) =>
    modifier.startsWith('~') &&
    parent !== undefined &&
    (parent.modifier.startsWith('~') || routes?.paths.some(({ path }) => parent.path.startsWith(path)))
  function takerOfAll(location: Location, samples: readonly string[]) {
    const takers = samples.map(each => locationFor(each, locations))
    return takers.every(each => each !== location && isSure(each)) ? takers[0] : undefined
  }
  const passedOver = new Set<Location>()
  for (const location of locations) {
    const isPage = pages.includes(location)
    const routes = routesOf(location)
    const samples = samplesOf(location, routes)
    const taker = samples.length > 0 ? takerOfAll(location, samples) : undefined
    if (!taker || (isPage && pages.includes(taker))) continue
    passedOver.add(location)
    const { paths: texts, routes: ofRoutes } = notes.texts
    if (isPart(location, routes)) notes.at(location)('lost', texts.not(texts.pattern))
    else notes.at(location)('look', ofRoutes.neverAsked(shown(taker)))
  }
  return { passedOver, takerOf: (location, route) => takerOfAll(location, samplesOfRoute(route)) }
}

/** Paths that stand for all that a location has; none where that is not known. */
function samplesOf({ modifier, path }: Location, routes: RoutePaths | undefined): string[] {
  if (modifier === '=') return [path]
  if (modifier === '' || modifier === '^~')
    return [
      path,
      path + ANY,
      ...samplesOfRoute({ path: path.replace(/\/$/, ''), exact: false, base: '', onlyBelow: true }),
    ]
  return routes ? [...routes.paths.flatMap(samplesOfRoute), ...routes.unbounded.map(each => each + ANY)] : []
}

const samplesOfRoute = ({ path, exact, onlyBelow }: RoutePath): string[] =>
  exact ? [path] : [onlyBelow ? `${path}/` : path, `${path}/${ANY}`, `${path}/${ANY}/${ANY}`]
