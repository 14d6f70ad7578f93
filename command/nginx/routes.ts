import { inOrder, shownPlace } from '../../lib/settings/routes.ts'
import { type Draft, isBelow, isCovered, isLoginPath, isSame, type RouteValues } from './draft.ts'
import type { Notes } from './finding.ts'
import { guardsAt, isDotFiles, listGuards, reaches } from './guards.ts'
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
    const found = routePaths(location, target, locations)
    const say = (kind: 'look' | 'lost' | 'guarded', remark: string) =>
      notes.note(kind, location.directive, remark, shown(location))
    if (typeof found === 'string') {
      say('lost', `it cannot be taken over: ${found}`)
      untaken.push(shown(location))
      continue
    }
    const inner = found.paths
      .map(({ path }) => guarded.find(each => !isDotFiles(each) && reaches(location, path, each)))
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
    for (const { path, exact, base } of found.paths) {
      const isLogin = isLoginPath(path)
      const draft: Draft = { location, path, exact, base, origin: target.origin, isLogin, values, except: [] }
      const twin = drafts.find(each => each.path === path && each.exact === exact)
      if (!twin) drafts.push(draft)
      if (!twin || isSame(twin, draft)) taken.add(location)
      else say('lost', `${path || '/'} is a route already, of ${shown(twin.location)}, and that is kept`)
    }
    for (const look of found.looks) say('look', look)
    for (const loss of found.losses) say('lost', loss)
  }
  const exceptions = addExceptions({
    drafts,
    locations: locations.filter(each => !taken.has(each) && !passedOver.has(each)),
    notes,
  })
  const kept = drafts.filter(each => each.except.length > 0 || !isCovered(each, drafts))
  sayWaysToLogins(kept, notes)
  return { drafts: kept, untaken, exceptions }
}

/** A login's protection holds for every way to it: what would reach it by another route is refused (lib/routes/table.ts). */
function sayWaysToLogins(drafts: readonly Draft[], notes: Notes) {
  for (const login of drafts.filter(({ isLogin }) => isLogin)) {
    for (const { isLogin, exact, origin, path, base, location } of drafts) {
      const other = path + login.base.slice(base.length)
      const leadsThere = origin === login.origin && isBelow(login.base, base) && other !== login.path
      if (!isLogin && !exact && leadsThere)
        notes.note(
          'look',
          location.directive,
          `${other} gets 400: it would be the login of ${login.path} without its protection`,
          shown(location),
        )
    }
    const [around] = drafts.filter(each => !each.exact && isBelow(login.path, each.path)).toSorted(inOrder)
    if (login.exact && around && !around.isLogin)
      notes.note(
        'look',
        login.location.directive,
        `${login.path}/ and ${login.path};… get 400: an API may take them for the login, which is ${login.path} alone`,
        shown(login.location),
      )
  }
}

/** Prefixes that Nginx never asks: it asks regular expressions before them, however long they are. */
function passedOverIn({ backends, locations }: SortedServer): Map<Location, Location> {
  const patterns = backends.filter(({ location }) => location.modifier === '~')
  const found = new Map<Location, Location>()
  for (const { location, target } of patterns) {
    const routes = routePaths(location, target, locations)
    if (typeof routes === 'string') continue
    for (const other of locations) {
      const isBelowIt = routes.paths.some(({ path, exact }) => !exact && isBelow(other.path, path))
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
    const exact = other.modifier === '='
    const path = exact ? other.path : other.path.replace(/\/$/, '')
    const open = drafts.filter(each => !each.exact)
    const same = open.find(each => each.path === path)
    const [around] = open
      .filter(each => isBelow(path, each.path) || (exact && each === same))
      .toSorted((a, b) => b.path.length - a.path.length)
    if (same && !exact) {
      if (other.path !== same.location.path)
        say('lost', `${other.path} itself is a part of the route ${same.path || '/'}, and goes to the API`)
    } else if (around && !(around.path === '' && isBelow(`${path}/`, '/_next'))) {
      exceptions.add(other)
      const except = shownPlace({ path, exact })
      if (!around.except.includes(except)) around.except.push(except)
      notes.route(around.path, 'except', except, other.directive)
      if (!exact && !other.path.endsWith('/') && !other.path.startsWith('/_next'))
        say('look', `${path}X, which Nginx took for it as well, goes to the API: a path ends at a /`)
    }
  }
  return exceptions
}
