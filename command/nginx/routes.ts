import { type Place, shownPlace } from '../../lib/settings/routes.ts'
import { compareWithNginx } from './compare.ts'
import {
  type Draft,
  isBelow,
  isCovered,
  isLeftOut,
  isLoginPath,
  isSame,
  type RouteValues,
  routeAround,
} from './draft.ts'
import type { Notes } from './finding.ts'
import { guardsAt, listGuards, reaches, refusesFileNames } from './guards.ts'
import { type Location, shown } from './locations.ts'
import { closedAt } from './named.ts'
import { orderOf } from './order.ts'
import { type RoutePath, routePaths } from './paths.ts'
import { effective } from './scope.ts'
import { locationFor } from './search.ts'
import { withoutPattern } from './settings.ts'
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
 * @param inEnvironment whether no exception can be said: what is guarded below a path closes all of it
 */
export function routesOf(
  sorted: SortedServer,
  valuesOf: (backend: Backend) => RouteValues,
  notes: Notes,
  inEnvironment: boolean,
): Routes {
  const { backends, locations, pages } = sorted
  const { texts } = notes
  const closingAt = (each: Location) =>
    pages.includes(each) || each.target === undefined ? guardsAt(each) : closedAt(each, locations)
  const guarded = locations.filter(each => closingAt(each).length > 0)
  const drafts: Draft[] = []
  // what each location would be by itself
  const all: Draft[] = []
  const untaken: string[] = []
  const taken = new Set<Location>()
  const unbounded = new Map<string, Location>()
  const { passedOver, takerOf } = orderOf(sorted, notes)
  for (const backend of backends.filter(({ location }) => !passedOver.has(location))) {
    const { location, target } = backend
    const found = routePaths(location, target, locations, texts.paths)
    const say = notes.at(location)
    if (typeof found === 'string') {
      say('lost', texts.paths.not(found))
      untaken.push(shown(location))
      continue
    }
    const paths = found.paths.filter(each => {
      const taker = takerOf(location, each)
      if (taker) say('look', `${each.path}: ${texts.routes.neverAsked(shown(taker))}`)
      return !taker
    })
    // the environment says no exact path
    const open = inEnvironment && location.modifier === '=' ? { ...location, modifier: '' } : location
    const opens = (route: RoutePath, each: Location) =>
      !refusesFileNames(each) &&
      reaches(open, route.path, each) &&
      (inEnvironment || !isLeftOutOf(route, each))
    const inner = guarded.find(each => paths.some(route => opens(route, each)))
    if (inner) {
      say('guarded', texts.routes.opens(shown(inner), listGuards(closingAt(inner))))
      continue
    }
    const values = valuesOf(backend)
    for (const each of paths) {
      const { path, exact } = each
      const isLogin = isLoginPath(path)
      if (each.base === '' && path !== '' && leavesPaths(location)) say('look', texts.paths.redirects(path))
      const draft: Draft = { ...each, location, origin: target.origin, isLogin, values, except: [] }
      const twin = drafts.find(each => each.path === path && each.exact === exact)
      all.push(draft)
      // of `/api` and `/api/` this one has what is below
      const isNearer = twin !== undefined && location.path === `${twin.location.path}/`
      if (!twin) drafts.push(draft)
      else if (!draft.onlyBelow) twin.onlyBelow = false
      if (!twin || isSame(twin, draft)) taken.add(location)
      else if (isNearer) {
        drafts[drafts.indexOf(twin)] = draft
        taken.add(location)
        const remark = texts.routes.twin(path || '/', shown(location))
        notes.at(twin.location)('lost', remark)
      } else say('lost', texts.routes.twin(path || '/', shown(twin.location)))
    }
    for (const look of found.looks) say('look', look)
    for (const loss of found.losses) say('lost', loss)
    for (const path of found.unbounded) unbounded.set(path, location)
  }
  const exceptions = addExceptions({
    drafts,
    pages,
    all: locations,
    locations: locations.filter(each => guarded.includes(each) || !(taken.has(each) || passedOver.has(each))),
    notes,
  })
  leaveOutItself(drafts, notes)
  compareWithNginx(drafts, { sorted, all, exceptions, closingAt, inEnvironment }, notes)
  for (const [path, location] of unbounded) sayUnbounded(path, location, drafts, notes)
  const kept = drafts.filter(each => each.except.length > 0 || !isCovered(each, drafts))
  sayWaysToLogins(kept, notes)
  return { drafts: kept, untaken, exceptions }
}

/** Whether Nginx left the path of a redirect as the API wrote it. */
const leavesPaths = ({ scope }: Location) =>
  effective(scope, 'proxy_redirect').every(each => !withoutPattern(each)[0].startsWith('/'))

/** What is guarded at one path, or below one, is an exception of the route around it; a prefix without a slash has more than that. */
const isLeftOutOf = (route: RoutePath, { modifier, path }: Location) =>
  !route.exact &&
  (modifier === '=' ||
    (['', '^~'].includes(modifier) && path.endsWith('/') && path.slice(0, -1) !== route.path))

/** `/apiX`, which Nginx took for /api: it belongs to the route around, or to the pages. */
function sayUnbounded(path: string, location: Location, drafts: readonly Draft[], notes: Notes) {
  const own = drafts.find(each => each.path === path && !each.exact)
  const around = routeAround(path, drafts)
  if (own && isCovered(own, drafts)) return
  const { paths, routes } = notes.texts
  const remark = around ? routes.ofRoute(path, around.path || '/') : paths.boundary(path)
  notes.at(location)('look', remark)
}

/** A login's protection holds for every way to it: what would reach it by another route is refused (lib/routes/table.ts). */
function sayWaysToLogins(drafts: readonly Draft[], notes: Notes) {
  for (const login of drafts.filter(({ isLogin }) => isLogin)) {
    for (const { isLogin, exact, origin, path, base, location } of drafts) {
      const other = path + login.base.slice(base.length)
      const leadsThere = origin === login.origin && isBelow(login.base, base) && other !== login.path
      if (!isLogin && !exact && leadsThere)
        notes.at(location)('look', notes.texts.routes.wayToLogin(other, login.path))
    }
    const around = routeAround(login.path, drafts)
    if (login.exact && around && !around.isLogin)
      notes.at(login.location)('look', notes.texts.routes.exactLogin(login.path))
  }
}

/** The path itself of a pattern with a slash at its end is the pages', or that of the route around it. */
function leaveOutItself(drafts: Draft[], notes: Notes) {
  for (const draft of drafts.filter(({ onlyBelow }) => onlyBelow)) {
    const { path, except, location } = draft
    const itself = { path, exact: true }
    if (drafts.some(each => each.exact && each.path === path) || except.includes(shownPlace(itself))) continue
    const around = routeAround(path, drafts)
    if (around && !isLeftOut(path, around)) {
      const base = around.base + path.slice(around.path.length)
      drafts.push({ ...around, path, base, exact: true, isLogin: isLoginPath(path), except: [] })
    } else leaveOut(draft, itself, location, notes)
  }
}

/** A place of a location is an exception of the route around it. */
function leaveOut({ path, except }: Draft, place: Place, { directive }: Location, notes: Notes) {
  const text = shownPlace(place)
  if (!except.includes(text)) except.push(text)
  notes.route(path, 'except', text, directive)
}

/** The paths that a location of pages has by a list, where each is one that Nginx asked it for, and not an API. */
function listedBy(location: Location, { drafts, pages, notes }: Below): readonly Place[] {
  const { target, modifier } = location
  if (modifier !== '~' || typeof target !== 'object' || !pages.includes(location)) return []
  const found = routePaths(location, target, [], notes.texts.paths)
  const paths = typeof found === 'object' ? found.paths : []
  const isFree = paths.every(
    ({ path, onlyBelow }) =>
      !onlyBelow &&
      drafts.every(
        each =>
          !`${each.path}/`.startsWith(`${path}/`) &&
          (!isBelow(path, each.path) || reaches(each.location, each.path, location)),
      ),
  )
  return isFree ? paths : []
}

type Below = {
  readonly drafts: readonly Draft[]
  readonly pages: readonly Location[]
  /** those that are no routes */
  readonly locations: readonly Location[]
  readonly all: readonly Location[]
  readonly notes: Notes
}

/** What is below a route's path and went elsewhere stays with the pages: never to an API that Nginx did not ask. */
function addExceptions(below: Below): Set<Location> {
  const { drafts, locations, notes } = below
  const exceptions = new Set<Location>()
  const texts = notes.texts.routes
  for (const other of locations) {
    if (other.modifier === '@') continue
    const listed = listedBy(other, below)
    if (other.modifier.startsWith('~') && listed.length === 0) {
      const around = drafts.filter(({ path, location }) => reaches(location, path, other))
      if (around.length === 0 || (refusesFileNames(other) && other.target === undefined)) continue
      exceptions.add(other)
      // `~* \.png$` is about files, wherever they are
      const [files] = effective(other.scope, 'try_files')
      const isLost = other.path.startsWith('^') || other.target !== undefined || files !== undefined
      const plain = around.filter(({ location }) => isLost && location.modifier === '')
      const locations = new Set(plain.map(({ location }) => `location ^~ ${location.path}`))
      const paths = around.map(({ path }) => path || '/').join(', ')
      notes.at(other)(isLost ? 'lost' : 'look', texts.pattern(paths, [...locations]))
      continue
    }
    const isExact = other.modifier === '='
    const own = { path: isExact ? other.path : other.path.replace(/\/$/, ''), exact: isExact }
    for (const place of listed.length > 0 ? listed : [own])
      if (leaveOutOfRoute(place, other, below)) exceptions.add(other)
  }
  return exceptions
}

/** Leaves a place of a location out of the route around it, where there is one. @returns whether there is */
function leaveOutOfRoute({ path, exact }: Place, other: Location, { drafts, all, notes }: Below): boolean {
  const say = notes.at(other)
  const same = drafts.find(each => !each.exact && each.path === path)
  if (same && !exact) {
    if (other.path !== same.location.path && !same.onlyBelow)
      say('lost', notes.texts.routes.itself(other.path, same.path || '/'))
    return false
  }
  const around = same ?? routeAround(path, drafts)
  if (!around || (around.path === '' && isBelow(`${path}/`, '/_next'))) return false
  leaveOut(around, { path, exact }, other, notes)
  // Nginx redirected `/api` to `= /api/`
  const [, bare] = /^(.+)\/$/.exec(path) ?? []
  if (exact && bare !== undefined && locationFor(bare, all) === other)
    leaveOut(around, { path: bare, exact }, other, notes)
  if (!exact && !other.path.endsWith('/') && !other.path.startsWith('/_next'))
    say('look', notes.texts.routes.ofRoute(path, around.path || '/'))
  return true
}
