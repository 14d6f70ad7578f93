import { type Draft, isBelow, isCovered, isLoginPath, isSame, type RouteValues } from './draft.ts'
import type { Notes } from './finding.ts'
import { guardsAt, isDotFiles, listGuards, prefixFor, reaches } from './guards.ts'
import type { Location } from './locations.ts'
import { shown } from './locations.ts'
import { type RoutePaths, routePaths } from './paths.ts'
import type { Backend, SortedServer } from './sort-locations.ts'

export type Routes = {
  readonly drafts: readonly Draft[]
  /** locations of an API that can be no route, as text */
  readonly untaken: readonly string[]
  /** those of the pages that are an exception below a route */
  readonly exceptions: ReadonlySet<Location>
}

/**
 * Makes routes of the locations that lead to an API. One with which something guarded would be open is left out.
 * @param valuesOf what a location sets for its requests and answers
 */
export function routesOf(
  sorted: SortedServer,
  valuesOf: (backend: Backend) => RouteValues,
  notes: Notes,
): Routes {
  const { backends, locations } = sorted
  const guarded = locations.filter(({ scope }) => guardsAt(scope).length > 0)
  const drafts: Draft[] = []
  const untaken: string[] = []
  const taken = new Set<Location>()
  const passedOver = passedOverIn(sorted)
  for (const [other, first] of passedOver)
    notes.note(
      'look',
      other.directive,
      `no request came here: Nginx asked ${shown(first)} before`,
      shown(other),
    )
  for (const backend of backends) {
    const { location, target } = backend
    if (passedOver.has(location)) continue
    const found = routePaths(location, target)
    const say = (kind: 'look' | 'lost' | 'guarded', remark: string) =>
      notes.note(kind, location.directive, remark, shown(location))
    if (typeof found === 'string') {
      say('lost', `it cannot be taken over: ${found}`)
      untaken.push(shown(location))
      continue
    }
    const inner = found.paths
      .map(({ path }) => guardedBelow(location, path, guarded, locations))
      .find(each => each !== undefined)
    if (inner) {
      say(
        'guarded',
        `it is left out: with it, ${shown(inner)} would be open, which Nginx guarded by ${listGuards(guardsAt(inner.scope))}. Name the paths that everybody may ask for`,
      )
      continue
    }
    sayOrder(location, found, locations, notes)
    const values = valuesOf(backend)
    for (const { path, base } of found.paths) {
      const isLogin = isLoginPath(path)
      const draft: Draft = { location, path, base, origin: target.origin, isLogin, values, except: [] }
      const twin = drafts.find(each => each.path === path)
      if (!twin) drafts.push(draft)
      if (!twin || isSame(twin, draft)) taken.add(location)
      else say('lost', `${path || '/'} is a route already, of ${shown(twin.location)}, and that is kept`)
    }
    for (const look of found.looks) say('look', look)
    for (const loss of found.losses)
      if (!isBelowTheSame(location, found, backends, target.origin)) say('lost', loss)
  }
  const exceptions = addExceptions({
    drafts,
    locations: locations.filter(each => !taken.has(each) && !passedOver.has(each)),
    notes,
  })
  const kept = drafts.filter(each => !isCovered(each, drafts))
  sayWaysToLogins(kept, notes)
  return { drafts: kept, untaken, exceptions }
}

/** A login's protection holds for every way to it: what would reach it by another route is refused (lib/routes/table.ts). */
function sayWaysToLogins(drafts: readonly Draft[], notes: Notes) {
  for (const login of drafts.filter(({ isLogin }) => isLogin)) {
    for (const { isLogin, origin, path, base, location } of drafts) {
      const other = path + login.base.slice(base.length)
      const leadsThere = origin === login.origin && isBelow(login.base, base) && other !== login.path
      if (!isLogin && leadsThere)
        notes.note(
          'look',
          location.directive,
          `${other} gets 400: it would be the login of ${login.path} without its protection`,
          shown(location),
        )
    }
  }
}

/** `location = /a` beside `location /a/` of the same API: what is below goes there anyway. */
function isBelowTheSame(
  location: Location,
  { paths }: RoutePaths,
  backends: readonly Backend[],
  origin: string,
) {
  const [own] = paths
  if (location.modifier !== '=' || !own) return false
  const around = prefixFor(
    `${own.path}/`,
    backends.map(each => each.location),
  )
  const other = backends.find(each => each.location === around)
  if (!other || other.target.origin !== origin) return false
  const found = routePaths(other.location, other.target)
  if (typeof found === 'string') return false
  return found.paths.some(({ path, base }) => base + own.path.slice(path.length) === own.base)
}

/** A guarded location that would be open with this path. */
function guardedBelow(
  open: Location,
  path: string,
  guarded: readonly Location[],
  locations: readonly Location[],
): Location | undefined {
  // `location = /path` becomes a path with all below it, which another location may have guarded
  const around = open.modifier === '=' ? prefixFor(`${path}/`, locations) : undefined
  if (around && guarded.includes(around)) return around
  return guarded.find(each => !isDotFiles(each) && reaches(open, path, each))
}

/** Prefixes that Nginx never asks: it asks regular expressions before them, however long they are. */
function passedOverIn({ backends, locations }: SortedServer): Map<Location, Location> {
  const patterns = backends.filter(({ location }) => location.modifier === '~')
  const found = new Map<Location, Location>()
  for (const { location, target } of patterns) {
    const routes = routePaths(location, target)
    if (typeof routes === 'string') continue
    for (const other of locations) {
      const isBelowIt = routes.paths.some(({ path }) => isBelow(other.path, path))
      if (other.modifier === '' && isBelowIt) found.set(other, location)
    }
  }
  return found
}

/** With `^~`, Nginx asks no regular expression; a longer path wins here. */
function sayOrder(location: Location, { paths }: RoutePaths, locations: readonly Location[], notes: Notes) {
  if (location.modifier !== '~') return
  for (const other of locations) {
    if (other.modifier === '^~' && paths.some(({ path }) => `${path}/`.startsWith(other.path)))
      notes.note(
        'lost',
        location.directive,
        `Nginx asked ${shown(other)} before; here the longer path wins`,
        shown(location),
      )
  }
}

type Below = {
  readonly drafts: readonly Draft[]
  /** those that are no routes */
  readonly locations: readonly Location[]
  readonly notes: Notes
}

/** What is below a route's path and went elsewhere stays with the pages: never to an API that Nginx did not ask. */
function addExceptions({ drafts, locations, notes }: Below): Set<Location> {
  const exceptions = new Set<Location>()
  for (const other of locations) {
    if (other.modifier === '@') continue
    const say = (kind: 'look' | 'lost', remark: string) =>
      notes.note(kind, other.directive, remark, shown(other))
    if (other.modifier.startsWith('~')) {
      const around = drafts.find(({ path, location }) => reaches(location, path, other))
      if (!around || isDotFiles(other)) continue
      exceptions.add(other)
      // `~* \.png$` is about files, wherever they are
      say(
        other.path.startsWith('^') ? 'lost' : 'look',
        `it is below the route ${around.path || '/'}: what Nginx answered by a regular expression goes to the API`,
      )
      continue
    }
    const path = other.path.replace(/\/$/, '')
    const same = drafts.find(each => each.path === path)
    const around = drafts
      .filter(each => isBelow(path, each.path))
      .toSorted((a, b) => b.path.length - a.path.length)[0]
    if (same) {
      const isRoot = path === '' && other.modifier === '='
      if (isRoot || other.modifier === '=' || other.path !== same.location.path)
        say('lost', `${other.path} itself is a part of the route ${same.path || '/'}, and goes to the API`)
    } else if (around && !(around.path === '' && isBelow(`${path}/`, '/_next'))) {
      exceptions.add(other)
      if (!around.except.includes(path)) around.except.push(path)
      notes.route(around.path, 'except', path, other.directive)
      if (other.modifier === '=') say('lost', `what is below ${path}/ stays with the pages, too`)
      else if (!other.path.endsWith('/') && !other.path.startsWith('/_next'))
        say('look', `${path}X, which Nginx took for it as well, goes to the API: a path ends at a /`)
    }
  }
  return exceptions
}
