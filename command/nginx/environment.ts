import { LOGIN_PATH, shownPlace } from '../../lib/settings/routes.ts'
import { fieldsOf } from './config-text.ts'
import type { Draft, Given } from './draft.ts'
import type { Notes } from './finding.ts'
import { shown } from './locations.ts'
import type { Kind } from './remarks.ts'
import { inText, placeOf } from './scope.ts'

/** Nginx's own. */
const DEFAULT_MS = 60_000
const DEFAULT_BYTES = 1024 ** 2

/**
 * Whether the environment says as much as these routes: logins of one API by their own paths, the same for all. Other paths in BACKEND_PATHS
 * take WebSockets, and no POST from other sites.
 */
export function fitsEnvironment(drafts: readonly Draft[]): boolean {
  const [first] = drafts
  if (!first) return false
  const times = new Set(drafts.map(({ values }) => values.timeout?.size ?? DEFAULT_MS))
  const sizes = new Set(drafts.map(({ values }) => values.maxBody?.size ?? DEFAULT_BYTES))
  return (
    drafts.every(each => each.isLogin && !each.exact && isPlain(each) && each.origin === first.origin) &&
    times.size === 1 &&
    sizes.size === 1
  )
}

const isPlain = ({ path, base, values, except }: Draft) =>
  path !== '' &&
  path === base &&
  except.length === 0 &&
  values.host === undefined &&
  values.serverName === undefined &&
  values.headers.size === 0 &&
  values.responseHeaders.size === 0

/** BACKEND_ORIGIN, BACKEND_PATHS and what holds for all of them. */
export function setEnvironment(drafts: readonly Draft[], notes: Notes): void {
  const [first] = drafts
  if (!first) return
  const at = first.location.directive
  notes.set('BACKEND_ORIGIN', first.origin, at)
  notes.set('BACKEND_PATHS', drafts.map(({ path }) => path).join(','), at)
  const logins = drafts.filter(({ isLogin }) => isLogin).map(({ path }) => path)
  if (logins.length > 0 && !(logins.length === 1 && logins[0] === LOGIN_PATH))
    notes.set('LOGIN_PATHS', logins.join(','), at)
  const { largestOrRoute } = notes.texts.sizes
  for (const [name, field] of [
    ['BACKEND_TIMEOUT', 'timeout'],
    ['MAX_BODY', 'maxBody'],
  ] as const)
    setLargest(
      name,
      drafts.flatMap(({ values }) => values[field] ?? []),
      notes,
      'lost',
      largestOrRoute,
    )
}

/** One setting for all paths: those that have less are told. */
export function setLargest(
  name: string,
  given: readonly Given[],
  notes: Notes,
  kind: Kind,
  remark: (at: string) => string = notes.texts.sizes.largest,
) {
  const [largest] = given.toSorted((a, b) => b.size - a.size)
  if (!largest) return
  notes.set(name, largest.text, largest.directive)
  for (const { size, directive } of given)
    if (size < largest.size)
      notes.note(kind, directive, remark(placeOf(largest.directive)), inText(directive))
}

/** What the environment can say of routes that need a file, which is said of those that it cannot. @returns these, as text */
export function setNearest(drafts: readonly Draft[], notes: Notes): string[] {
  const isFit = (each: Draft) => each.path === each.base && !/^$|\/$/.test(each.path)
  const first = drafts.find(isFit)
  const taken = drafts.filter(each => isFit(each) && each.origin === first?.origin)
  setEnvironment(taken, notes)
  for (const each of taken) {
    const say = (remark: string) => notes.at(each.location)('lost', remark)
    if (each.exact) say(notes.texts.routes.below(each.path))
    if (!isPlain(each)) say(notes.texts.routes.plainOnly)
  }
  const left = drafts.filter(each => !taken.includes(each))
  for (const { location } of left) notes.at(location)('lost', notes.texts.routes.needsFile)
  return left.map(({ location }) => shown(location))
}

/** What was taken over into gatehouse.config.ts, and from where. Values of headers are not said. */
export function sayRoutes(drafts: readonly Draft[], notes: Notes): void {
  for (const draft of drafts) {
    for (const [name, value] of fieldsOf(draft)) {
      if (/^(path|except|upgrade)$/.test(name)) continue
      const given = name === 'timeout' || name === 'maxBody' ? draft.values[name] : undefined
      const text = value instanceof Map ? [...value.keys()].join(', ') : String(value)
      notes.route(shownPlace(draft), name, text, (given ?? draft.location).directive)
    }
  }
}
