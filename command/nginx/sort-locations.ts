import type { Texts } from './english.ts'
import type { Notes } from './finding.ts'
import { guardsAt, listGuards } from './guards.ts'
import { type Location, locationsOf, shown } from './locations.ts'
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
  /** those that go to an API, and that nobody was kept from */
  readonly backends: readonly Backend[]
  /** those that go to Next.js */
  readonly pages: readonly Location[]
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
  const locations = locationsOf(server, [http], texts.target)
  const { pagesAt, question } = originOfPages(locations, server, asked, texts.missing)
  const isPages = ({ origin }: Target) =>
    origin !== asked.backend &&
    (pagesAt !== undefined ? origin === pagesAt : !asked.backend && LOOPBACK.test(origin))
  const backends: Backend[] = []
  const pages: Location[] = []
  let guarded = 0
  for (const location of locations) {
    const { directive, target } = location
    const say = (kind: 'lost' | 'look' | 'same' | 'guarded', remark: string) =>
      notes.note(kind, directive, remark, shown(location))
    if (target === undefined) continue
    const guards = guardsAt(location.scope)
    if (typeof target === 'string') say('lost', texts.target.untold(target))
    else if (isPages(target)) {
      pages.push(location)
    } else if (guards.length > 0) {
      guarded++
      say('guarded', texts.guards.backend(listGuards(guards)))
    } else {
      backends.push({ location, target })
      for (const other of target.further) say('lost', texts.upstream.another(other))
    }
  }
  return { scope, locations, backends, pages, guarded, ...(question && { question }) }
}

/** Where `/` leads, or a named location; but where that is another host and something leads to loopback, it is that. */
function originOfPages(
  locations: readonly Location[],
  server: readonly Directive[],
  asked: Asked,
  texts: Texts['missing'],
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
    question: texts.pagesOrApi(why, origin),
  })
  const name = named(server, 'server_name')
    .flatMap(({ args }) => args)
    .find(each => API_HOST.test(each))
  if (name !== undefined && root) return say(root.origin, texts.serverCalled(name))
  const near = passing.find(each => LOOPBACK.test(each.origin))
  if (root === undefined && near) return say(near.origin, texts.noRoot)
  return { pagesAt }
}
