import { has, inOrder, readPlace } from '../../lib/settings/routes.ts'
import { type Draft, isBelow, isSame } from './draft.ts'
import type { Notes } from './finding.ts'
import { listGuards, refusesFileNames } from './guards.ts'
import { type Location, shown } from './locations.ts'
import { ANY } from './order.ts'
import type { Directive } from './parse.ts'
import { startsOf } from './pattern.ts'
import { locationFor } from './search.ts'
import type { SortedServer } from './sort-locations.ts'

type Read = {
  readonly sorted: SortedServer
  /** what each location would be by itself */
  readonly all: readonly Draft[]
  /** those that it is said of what becomes of them below a route */
  readonly exceptions: ReadonlySet<Location>
  readonly closingAt: (location: Location) => readonly Directive[]
  /** `true`: a route is all that is below its path */
  readonly inEnvironment: boolean
}

/**
 * Compares where Nginx sent the paths that its file names with where the routes send them. A route with which something guarded would be
 * open is taken out; what else differs is said.
 */
export function compareWithNginx(
  drafts: Draft[],
  { sorted, all, exceptions, closingAt, inEnvironment }: Read,
  notes: Notes,
): void {
  const { locations } = sorted
  const { routes: texts } = notes.texts
  const said = new Set<string>()
  for (const path of pathsIn(locations, drafts)) {
    const there = locationFor(path, locations)
    const guards = there && !refusesFileNames(there) ? closingAt(there) : []
    let here = draftFor(path, drafts, inEnvironment)
    while (there && here && guards.length > 0) {
      const { directive } = here.location
      notes.note('guarded', directive, texts.opens(shown(there), listGuards(guards)), shown(here.location))
      drafts.splice(drafts.indexOf(here), 1)
      here = draftFor(path, drafts, inEnvironment)
    }
    // `/api` that only `/api/` names is one with what is below it here, which is documented
    const isNamed = (name: string) => locations.some(each => each.path === name)
    const isItself = isNamed(`${path}/`) && !isNamed(path)
    // and so is `/apiX`
    const isCut = path.endsWith(ANY) && !path.endsWith(`/${ANY}`)
    if (isItself || isCut || guards.length > 0 || (there && exceptions.has(there))) continue
    const theirs = all.filter(each => each.location === there)
    // a route for every path leaves /_next to the pages
    if (!here?.path && isBelow(path, '/_next')) continue
    if (here ? isAsThere(path, here, theirs) : theirs.length === 0) continue
    const remark = texts.elsewhere(path, there && shown(there), here && (here.path || '/'))
    const { location } = here ?? theirs[0] ?? {}
    const key = [here?.path, there && shown(there)].join(' ')
    if (location && !said.has(key)) notes.at(location)('lost', remark)
    said.add(key)
  }
}

/** Whether a route sends a path where another one would, which Nginx's location became. */
function isAsThere(path: string, here: Draft, theirs: readonly Draft[]): boolean {
  const at = (draft: Draft) => ({ ...draft, base: draft.base + path.slice(draft.path.length) })
  return theirs.some(each => has(each, path) && isSame(at(here), at(each)))
}

/** The paths that locations name, what begins like them, and what is below them. */
function pathsIn(locations: readonly Location[], drafts: readonly Draft[]): Set<string> {
  const named = locations.flatMap(({ modifier, path }) => (modifier.startsWith('~') ? startsOf(path) : path))
  const paths = [...named, ...drafts.map(({ path }) => path)].filter(each => /^\/|^$/.test(each))
  return new Set(
    paths.flatMap(each => {
      const bare = each.replace(/\/$/, '')
      return [bare, bare + ANY, `${bare}/`, `${bare}/${ANY}`].filter(path => path !== '')
    }),
  )
}

/** The route that has a path; none where it is the pages'. */
function draftFor(path: string, drafts: readonly Draft[], inEnvironment: boolean): Draft | undefined {
  if (inEnvironment) return drafts.find(each => has({ path: each.path, exact: false }, path))
  const places = drafts.flatMap(draft => [
    { path: draft.path, exact: draft.exact, draft },
    ...draft.except.map(each => ({ ...readPlace(each), draft: undefined })),
  ])
  return places.toSorted(inOrder).find(each => has(each, path))?.draft
}
