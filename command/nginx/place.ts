import type { Notes } from './finding.ts'
import { backendPath, type Location, locationsOf } from './locations.ts'
import type { Directive } from './parse.ts'
import type { Scope } from './scope.ts'
import type { Target } from './target.ts'

/** A location whose requests go to the API. */
export type Backend = { readonly location: Location; readonly target: Target }

/** A `server`, sorted by where its locations lead. */
export type Place = {
  /** http and server */
  readonly scope: Scope
  readonly locations: readonly Location[]
  /** those that go to the one origin that is the backend's */
  readonly backends: readonly Backend[]
  /** those that go to Next.js */
  readonly pages: readonly Location[]
  /** those of the backend whose path BACKEND_PATHS cannot have, as text */
  readonly untaken: readonly string[]
}

const LOOPBACK = /^https?:\/\/(127\.\d+\.\d+\.\d+|localhost|\[::1\])(:\d+)?$/

const shown = ({ modifier, path }: Location) =>
  `location ${['', '@'].includes(modifier) ? '' : `${modifier} `}${path}`

/**
 * The pages are where `/` leads; without one, loopback. Whatever leads elsewhere is the API's, of which there is one.
 * `notes` gets what becomes of each location.
 */
export function sortLocations(server: readonly Directive[], http: readonly Directive[], notes: Notes): Place {
  const locations = locationsOf(server, [http])
  const pagesAt = originOfPages(locations)
  const backends: Backend[] = []
  const pages: Location[] = []
  for (const location of locations) {
    const { directive, target } = location
    const say = (kind: 'none' | 'look' | 'same', words: string) =>
      notes.note(kind, directive, words, shown(location))
    const [first] = backends
    if (target === undefined) continue
    if (typeof target === 'string') say('look', `it cannot be told where it leads: ${target}`)
    else if (pagesAt === undefined ? LOOPBACK.test(target.origin) : target.origin === pagesAt) {
      pages.push(location)
      say('same', `the front serves the pages; nothing listens at ${target.origin} any more`)
    } else if (first && first.target.origin !== target.origin)
      say(
        'none',
        `it leads to ${target.origin}, and there is one backend: ${first.target.origin}. rewrites() in next.config.js can do it`,
      )
    else {
      backends.push({ location, target })
      for (const other of target.further)
        say('none', `its upstream has ${other}, too; there is one name, whose addresses are spread over`)
    }
  }
  const untaken = readPaths(backends, pages, notes)
  return { scope: [http, server], locations, backends, pages, untaken }
}

/** Where `/` leads, or a named location; but where that is another host and something leads to loopback, it is that. */
function originOfPages(locations: readonly Location[]): string | undefined {
  const passing = locations.flatMap(({ path, modifier, target }) =>
    typeof target === 'object' ? [{ path, modifier, origin: target.origin }] : [],
  )
  const root =
    passing.find(each => each.path === '/' && each.modifier !== '=') ??
    passing.find(each => each.modifier === '@')
  const isNear = root === undefined || LOOPBACK.test(root.origin)
  return (isNear ? root : (passing.find(each => LOOPBACK.test(each.origin)) ?? root))?.origin
}

/**
 * → BACKEND_ORIGIN, and BACKEND_PATHS where there are any.
 * @returns the locations that cannot be taken over
 */
function readPaths(backends: readonly Backend[], pages: readonly Location[], notes: Notes): string[] {
  const [first] = backends
  if (!first) return []
  const paths: string[] = []
  const untaken: string[] = []
  for (const { location, target } of backends) {
    const found = backendPath(location, target)
    const say = (words: string) => notes.note('look', location.directive, words, shown(location))
    if (typeof found === 'string') {
      say(`it cannot be taken over: ${found}`)
      untaken.push(shown(location))
    } else {
      paths.push(found.path)
      for (const remark of found.remarks) say(remark)
    }
  }
  notes.set('BACKEND_ORIGIN', first.target.origin, first.location.directive)
  const isBelow = (path: string) => paths.some(each => path.startsWith(`${each}/`))
  const outermost = [...new Set(paths)].filter(path => !isBelow(path))
  if (outermost.length > 0) notes.set('BACKEND_PATHS', outermost.join(','), first.location.directive)
  for (const location of pages) {
    const { directive, path } = location
    if (isBelow(path) || paths.includes(path))
      notes.note(
        'look',
        directive,
        'it is below one of BACKEND_PATHS, and would go to the backend',
        shown(location),
      )
  }
  return untaken
}
