import type { Notes } from './finding.ts'
import { guardsAt, isDotFiles, listGuards, prefixFor, reaches } from './guards.ts'
import { backendPath, type Location, locationsOf, shown } from './locations.ts'
import type { Directive } from './parse.ts'
import { named, type Scope } from './scope.ts'
import type { Target } from './target.ts'

/** A location whose requests go to the API. */
export type Backend = { readonly location: Location; readonly target: Target }

/** A `server`, sorted by where its locations lead. */
export type SortedServer = {
  /** http and server */
  readonly scope: Scope
  readonly locations: readonly Location[]
  /** those that go to the one origin that is the backend's */
  readonly backends: readonly Backend[]
  /** those that go to Next.js */
  readonly pages: readonly Location[]
  /** those of the backend whose path BACKEND_PATHS cannot have, as text */
  readonly untaken: readonly string[]
  /** how many lead to the API, and are left out because Nginx let not everybody in */
  readonly guarded: number
  /** what has to be asked, where it cannot be told which origin has the pages */
  readonly question?: string
}

/** What a person says about the origins. */
export type Asked = { readonly pages?: string | undefined; readonly backend?: string | undefined }

const LOOPBACK = /^https?:\/\/(127\.\d+\.\d+\.\d+|localhost|\[::1\])(:\d+)?$/
const API_HOST = /^(api|backend)[.-]/i

/**
 * The pages are where `/` leads; without one, loopback. Whatever leads elsewhere is the API's, of which there is one.
 * A location that Nginx guarded is never the API's: nobody else would guard it.
 * `notes` gets what becomes of each location.
 */
export function sortLocations(
  server: readonly Directive[],
  http: readonly Directive[],
  notes: Notes,
  asked: Asked = {},
): SortedServer {
  const scope = [http, server]
  const locations = locationsOf(server, [http])
  const { pagesAt, question } = originOfPages(locations, server, asked)
  const isPages = ({ origin }: Target) =>
    pagesAt !== undefined ? origin === pagesAt : !asked.backend && LOOPBACK.test(origin)
  const backends: Backend[] = []
  const pages: Location[] = []
  let guarded = 0
  for (const location of locations) {
    const { directive, target } = location
    const say = (kind: 'lost' | 'look' | 'same' | 'guarded', remark: string) =>
      notes.note(kind, directive, remark, shown(location))
    if (target === undefined) continue
    const guards = guardsAt(location.scope)
    const origin = asked.backend ?? backends[0]?.target.origin
    if (typeof target === 'string') say('lost', `it cannot be told where it leads: ${target}`)
    else if (isPages(target)) {
      pages.push(location)
    } else if (guards.length > 0) {
      guarded++
      say(
        'guarded',
        `Nginx guarded it by ${listGuards(guards)}. It is left out of BACKEND_PATHS: Gatehouse lets everybody in. A security group, AWS WAF, a listener rule of the public ALB or the API itself has to guard it first`,
      )
    } else if (origin !== undefined && origin !== target.origin)
      say(
        'lost',
        `it is not carried over: it leads to ${target.origin}, and there is one backend, ${origin}. A listener rule of the public ALB or rewrites() in next.config can do it`,
      )
    else {
      backends.push({ location, target })
      for (const other of target.further)
        say(
          'lost',
          `its upstream has ${other}, too, which gets no request: there is one name, whose addresses are spread over`,
        )
    }
  }
  const { untaken, exceptions } = readPaths({ backends, locations, notes, mayDefault: guarded === 0 })
  for (const each of pages) {
    if (!exceptions.has(each) && guardsAt(each.scope).length === 0 && typeof each.target === 'object')
      notes.note(
        'same',
        each.directive,
        `the front serves the pages; nothing listens at ${each.target.origin} any more`,
        shown(each),
      )
  }
  return { scope, locations, backends, pages, untaken, guarded, ...(question && { question }) }
}

/** Where `/` leads, or a named location; but where that is another host and something leads to loopback, it is that. */
function originOfPages(
  locations: readonly Location[],
  server: readonly Directive[],
  asked: Asked,
): { pagesAt: string | undefined; question?: string } {
  if (asked.pages) return { pagesAt: asked.pages }
  const passing = locations.flatMap(({ path, modifier, target }) =>
    typeof target === 'object' ? [{ path, modifier, origin: target.origin }] : [],
  )
  const root =
    passing.find(each => each.path === '/' && each.modifier !== '=') ??
    passing.find(each => each.modifier === '@')
  if (asked.backend) return { pagesAt: root?.origin === asked.backend ? undefined : root?.origin }
  const isNear = root === undefined || LOOPBACK.test(root.origin)
  const pagesAt = (isNear ? root : (passing.find(each => LOOPBACK.test(each.origin)) ?? root))?.origin
  const say = (origin: string, why: string) => ({
    pagesAt,
    question: `${why}: it cannot be told whether ${origin} has the pages or the API. Say --pages ${origin} or --backend ${origin}`,
  })
  const name = named(server, 'server_name')
    .flatMap(({ args }) => args)
    .find(each => API_HOST.test(each))
  if (name !== undefined && root) return say(root.origin, `the server is called ${name}`)
  const near = passing.find(each => LOOPBACK.test(each.origin))
  if (root === undefined && near) return say(near.origin, 'nothing says where / leads')
  return { pagesAt }
}

type Paths = {
  readonly backends: readonly Backend[]
  readonly locations: readonly Location[]
  readonly notes: Notes
  /** without paths BACKEND_PATHS has its default, which may be one that was guarded */
  readonly mayDefault: boolean
}

type Taken = { readonly untaken: readonly string[]; readonly exceptions: ReadonlySet<Location> }

/**
 * → BACKEND_ORIGIN, and BACKEND_PATHS where there are any.
 * @returns the locations that cannot be taken over, and those below a path that can
 */
function readPaths({ backends, locations, notes, mayDefault }: Paths): Taken {
  const [first] = backends
  if (!first) return { untaken: [], exceptions: new Set() }
  const taken: { path: string; location: Location }[] = []
  const untaken: string[] = []
  const guarded = locations.filter(({ scope }) => guardsAt(scope).length > 0)
  let opens = 0
  for (const { location, target } of backends) {
    const found = backendPath(location, target)
    const say = (kind: 'look' | 'lost', remark: string) =>
      notes.note(kind, location.directive, remark, shown(location))
    if (typeof found === 'string') {
      say('lost', `it cannot be taken over: ${found}`)
      untaken.push(shown(location))
      continue
    }
    const inner = guardedBelow(location, found.path, guarded, locations)
    if (inner) {
      opens++
      notes.note(
        'guarded',
        location.directive,
        `it is left out of BACKEND_PATHS: with it, ${shown(inner)} would be open, which Nginx guarded by ${listGuards(guardsAt(inner.scope))}. Name the paths that everybody may ask for`,
        shown(location),
      )
      continue
    }
    taken.push({ path: found.path, location })
    for (const remark of found.remarks) say('look', remark)
  }
  const paths = taken.map(({ path }) => path)
  const isBelow = (path: string) => paths.some(each => path.startsWith(`${each}/`))
  const outermost = [...new Set(paths)].filter(path => !isBelow(path))
  if (outermost.length > 0 || (mayDefault && opens === 0))
    notes.set('BACKEND_ORIGIN', first.target.origin, first.location.directive)
  if (outermost.length > 0) notes.set('BACKEND_PATHS', outermost.join(','), first.location.directive)
  return { untaken, exceptions: sayExceptions(taken, backends, locations, notes) }
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

/** What is below a path of the API and went elsewhere goes to the API now. */
function sayExceptions(
  taken: readonly { path: string; location: Location }[],
  backends: readonly Backend[],
  locations: readonly Location[],
  notes: Notes,
): Set<Location> {
  const exceptions = new Set<Location>()
  const ofBackend = new Set(backends.map(({ location }) => location))
  for (const other of locations) {
    if (ofBackend.has(other)) continue
    const around = taken.find(({ path, location }) => reaches(location, path, other))
    if (!around) continue
    exceptions.add(other)
    // `~* \.png$` is about files, wherever they are
    const isAnywhere = other.modifier.startsWith('~') && !other.path.startsWith('^')
    notes.note(
      isAnywhere ? 'look' : 'lost',
      other.directive,
      `it is below ${around.path}, one of BACKEND_PATHS: what Nginx answered otherwise goes to the API. BACKEND_PATHS has no exceptions: name the paths of the API instead`,
      shown(other),
      { in: 'route', path: around.path, field: 'except', value: other.path },
    )
  }
  return exceptions
}
