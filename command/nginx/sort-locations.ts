import type { Texts } from './english.ts'
import type { Notes } from './finding.ts'
import { guardsOfApi, isUnread, listGuards } from './guards.ts'
import { portsOf } from './listen.ts'
import { type Location, locationsOf } from './locations.ts'
import { closedAt, findsNoFile, passedOn } from './named.ts'
import type { Directive } from './parse.ts'
import { effectiveIn, named, type Scope, serverNames } from './scope.ts'
import { locationFor } from './search.ts'
import type { Target } from './target.ts'

/** A location whose requests go to the API. */
export type Backend = { readonly location: Location; readonly target: Target }

/** A `server`, sorted by where its locations lead. */
export type SortedServer = {
  /** http and server */
  readonly scope: Scope
  readonly locations: readonly Location[]
  /** those that go to an API, and that nobody was kept from */
  readonly backends: readonly Backend[]
  /** those that go to Next.js */
  readonly pages: readonly Location[]
  /** how many lead to the API, and are left out because Nginx let not everybody in */
  readonly guarded: number
  /** how many lead to another server of the same Nginx, and are left out */
  readonly own: number
  /** what has to be asked, where it cannot be told which origin has the pages */
  readonly question?: string
}

/** Each of a name that holds for an API, once; or for pages. */
export const ofBackends = ({ backends }: SortedServer, name: string): ReadonlySet<Directive> =>
  effectiveIn(
    backends.map(each => each.location.scope),
    name,
  )
export const ofPages = ({ pages }: SortedServer, name: string): ReadonlySet<Directive> =>
  effectiveIn(
    pages.map(each => each.scope),
    name,
  )

/** What a person says about the origins. */
export type Asked = { readonly pages?: string | undefined; readonly backend?: string | undefined }

export const LOOPBACK = /^(https?:\/\/)(127\.\d+\.\d+\.\d+|localhost|\[::1\])(?=:\d+$|$)/
/** What Next has below /_next is on its way to the pages, whatever `/` is. */
const NEXTS = /^\^?\/(\((\?:)?([\w-]+\|)*)?_next\b/
/** Names of this machine are one origin. */
export const isSameOrigin = (origin: string, other: string | undefined) =>
  origin.replace(LOOPBACK, '$1localhost') === other?.replace(LOOPBACK, '$1localhost')
const API_HOST = /^(api|backend)[.-]/i
/** What people call Next.js; Nextcloud is none. */
const CALLED_NEXT = /(^|[^a-z])next([-_]?(js|app|web|front(end)?))?($|[^a-z])/i

/**
 * The pages are where `/` leads; without one, loopback. Whatever leads elsewhere is an API's.
 * A location that Nginx guarded is never an API's: nobody else would guard it.
 * `notes` gets what becomes of each location.
 */
export function sortLocations(
  server: readonly Directive[],
  http: readonly Directive[],
  notes: Notes,
  asked: Asked = {},
): SortedServer {
  const scope = [http, server]
  const { texts } = notes
  const all = locationsOf(server, [http], texts.target)
  const { pagesAt, question } = originOfPages(all, server, asked, texts.missing)
  const isPages = ({ origin }: Target) =>
    !isSameOrigin(origin, asked.backend) &&
    (pagesAt !== undefined ? isSameOrigin(origin, pagesAt) : !asked.backend && LOOPBACK.test(origin))
  const locations = passedOn(all, ({ target }) => typeof target === 'object' && !isPages(target))
  // those that are passed on by their `try_files` are told with where that leads
  for (const { modifier, directive } of all.filter(each => !locations.includes(each)))
    for (const files of modifier === '@' ? [] : named(directive.block ?? [], 'try_files'))
      if (findsNoFile(files)) notes.note('look', files, texts.noSuchFile(files.args.slice(0, -1).join(' ')))
  const backends: Backend[] = []
  const pages: Location[] = []
  let guarded = 0
  let own = 0
  for (const location of locations) {
    const { target } = location
    const say = notes.at(location)
    if (target === undefined) continue
    const guards = closedAt(location, locations)
    if (typeof target === 'string') say('lost', texts.target.untold(target))
    else if (isPages(target)) {
      pages.push(location)
    } else if (guards.length > 0) {
      guarded++
      const { backend, unknown } = texts.guards
      say('guarded', (guardsOfApi(location).every(isUnread) ? unknown : backend)(listGuards(guards)))
    } else if (isOfNginx(target.origin, server, http, texts.target)) {
      own++
      say('lost', texts.target.ownServer)
    } else {
      backends.push({ location, target })
      for (const other of target.further) say('lost', texts.upstream.another(other))
    }
  }
  return { scope, locations, backends, pages, guarded, own, ...(question && { question }) }
}

/** Whether a server of the same Nginx listens at an origin. One that passes on to its own name has that of somebody else. */
function isOfNginx(
  origin: string,
  own: readonly Directive[],
  http: readonly Directive[],
  texts: Texts['target'],
): boolean {
  const { hostname, port, protocol } = new URL(origin)
  const at = port || (protocol === 'https:' ? '443' : '80')
  return named(http, 'server').some(
    ({ block = [] }) =>
      portsOf(block).includes(at) &&
      (LOOPBACK.test(origin) ||
        (block !== own &&
          serverNames(block).includes(hostname) &&
          !locationsOf(block, [http], texts).some(
            ({ target }) =>
              typeof target === 'object' && new URL(target.origin).host === new URL(origin).host,
          ))),
  )
}

/** Where `/_next` leads; else where `/` does, or a named location. */
function originOfPages(
  locations: readonly Location[],
  server: readonly Directive[],
  asked: Asked,
  texts: Texts['missing'],
): { pagesAt: string | undefined; question?: string } {
  if (asked.pages) return { pagesAt: asked.pages }
  const passing = locations.flatMap(each =>
    typeof each.target === 'object' ? [{ ...each, ...each.target, each }] : [],
  )
  const atRoot = locations.find(each => each.path === '/' && each.modifier !== '=')
  // `~ ^/(?!api)` has it, too
  const atNothing = locationFor('/', locations)
  const fallback = named(atRoot?.directive.block ?? [], 'try_files')[0]?.args.at(-1)
  const root =
    passing.find(each => each.path === '/' && each.modifier !== '=') ??
    passing.find(each => each.path === fallback) ??
    passing.find(({ each }) => each === atNothing) ??
    passing.find(each => each.modifier === '@')
  const near = passing.filter(({ origin }) => LOOPBACK.test(origin) && !isSameOrigin(origin, asked.backend))
  const nexts = passing.filter(({ path, origin }) => NEXTS.test(path) && !isSameOrigin(origin, asked.backend))
  // /_next/static or /_next/image alone may be a bucket's, or a service's
  const whole = nexts.filter(({ path }) => !/_next\/./.test(path))
  const next = whole.find(each => near.includes(each)) ?? whole[0]
  if (asked.backend && root) {
    const isApi = isSameOrigin(root.origin, asked.backend)
    return { pagesAt: (isApi ? (next ?? nexts[0] ?? near[0]) : root)?.origin }
  }
  // each origin of this machine once; the pages are rather around an API than below one
  const byPath = near.toSorted((a, b) => a.path.length - b.path.length)
  const origins = [
    ...new Map(byPath.map(({ origin }) => [origin.replace(LOOPBACK, '$1localhost'), origin])).values(),
  ]
  const isOneOf = origins.length > (asked.backend ? 0 : 1) && !root && !next && !nexts[0]
  if (isOneOf) return { pagesAt: origins[0], question: texts.pagesAmong(texts.noRoot, origins) }
  if (asked.backend) return { pagesAt: (next ?? nexts[0])?.origin }
  const say = (origin: string, why: string) => ({ pagesAt: origin, question: texts.pagesOrApi(why, origin) })
  const name = serverNames(server).find(each => API_HOST.test(each))
  if (name !== undefined && root) return say(root.origin, texts.serverCalled(name))
  const isNear = root !== undefined && near.includes(root)
  const pages = isNear && next && !near.includes(next) ? root : (next ?? root ?? nexts[0])
  const other = pages && nexts.find(({ origin }) => !isSameOrigin(origin, pages.origin))
  if (other) {
    const question = texts.pagesOrApi(texts.nextElsewhere(other.path), other.origin)
    return { pagesAt: pages.origin, question }
  }
  const isCalledNext = ({ named, origin }: (typeof passing)[number]) => CALLED_NEXT.test(`${named} ${origin}`)
  const called = passing.find(isCalledNext)
  if (
    nexts.length === 0 &&
    pages &&
    called &&
    !passing.some(each => each.origin === pages.origin && isCalledNext(each))
  )
    return {
      pagesAt: pages.origin,
      question: texts.pagesOrApi(texts.calledNext(called.named), called.origin),
    }
  if (nexts.length === 0 && root && !isNear && near[0])
    return say(root.origin, texts.rootElsewhere(root.origin))
  const some = near[0] ?? called
  if (!pages && some) return say(some.origin, texts.noRoot)
  return { pagesAt: pages?.origin }
}
