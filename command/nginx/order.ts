import { isBelow } from './draft.ts'
import type { Notes } from './finding.ts'
import { type Location, shown } from './locations.ts'
import { type RoutePaths, routePaths } from './paths.ts'
import type { SortedServer } from './sort-locations.ts'

/**
 * What Nginx never asks: it asks regular expressions before prefixes, and takes the first of them that fits, however long
 * they are.
 */
export function passedOverIn(
  { backends, pages, locations }: SortedServer,
  notes: Notes,
): Map<Location, Location> {
  const texts = notes.texts.routes
  const passing = new Set([...backends.map(({ location }) => location), ...pages])
  const patterns = locations.flatMap(location => {
    const { modifier, target } = location
    if (!modifier.startsWith('~') || typeof target !== 'object' || !passing.has(location)) return []
    const routes = routePaths(location, target, locations, notes.texts.paths)
    return typeof routes === 'object' ? [{ location, paths: routes.paths }] : []
  })
  const found = new Map<Location, Location>()
  for (const [i, { location, paths }] of patterns.entries()) {
    const takes = (each: string) => paths.some(({ path, exact }) => !exact && isBelow(each, path))
    for (const other of locations) if (other.modifier === '' && takes(other.path)) found.set(other, location)
    for (const later of patterns.slice(i + 1)) {
      if (pages.includes(location) && pages.includes(later.location)) continue
      const taken = later.paths.filter(({ path }) => takes(`${path}/`))
      if (taken.length === later.paths.length) found.set(later.location, location)
      else if (taken.length > 0)
        notes.note('lost', later.location.directive, texts.order(shown(location)), shown(later.location))
    }
  }
  for (const [other, first] of found)
    notes.note('look', other.directive, texts.neverAsked(shown(first)), shown(other))
  return found
}

/** With `^~`, Nginx asks no regular expression; a longer path wins here. */
export function sayOrder(
  location: Location,
  { paths }: RoutePaths,
  locations: readonly Location[],
  notes: Notes,
): void {
  if (!location.modifier.startsWith('~')) return
  for (const other of locations) {
    if (other.modifier === '^~' && paths.some(({ path }) => `${path}/`.startsWith(other.path)))
      notes.note('lost', location.directive, notes.texts.routes.order(shown(other)), shown(location))
  }
}
