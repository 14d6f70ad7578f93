import type { Notes } from './finding.ts'
import type { Location } from './locations.ts'
import type { Directive } from './parse.ts'
import { remarkFor } from './remarks.ts'
import { effective, inText, named } from './scope.ts'
import { ofBackends, type SortedServer } from './sort-locations.ts'

/** Statuses that Nginx answers with itself where it passes a request on. */
const OWN_ERROR = /^(40[058]|41[34]|49\d|50\d)$/
/** Of the app's own build, which the front serves. */
const OF_APP = /(^|\/)(public|\.next)(\/|$)/

/** Directives that are of no account for a page, and of some where they hold for an API. */
export function readOfApis(sorted: SortedServer, notes: Notes): void {
  const { scope, locations, backends } = sorted
  const blocks = [...scope, ...locations.map(each => each.directive.block ?? [])]
  // unlike others, it is not inherited
  const filesFirst = new Set(
    backends.flatMap(({ location }) => named(location.directive.block ?? [], 'try_files')),
  )
  const lost = {
    charset: new Set([...ofBackends(sorted, 'charset')].filter(({ args }) => args[0] !== 'off')),
    error_page: new Set([...ofBackends(sorted, 'error_page')].filter(each => leadsOn(each, locations))),
    try_files: filesFirst,
  }
  for (const directive of new Set(blocks.flat())) {
    const { name } = directive
    if (name === 'charset' || name === 'error_page' || name === 'try_files') {
      if (lost[name].has(directive)) notes.note('lost', directive, notes.texts.ofApi[name], inText(directive))
      else sayAsEver(directive, notes)
    } else if (name === 'merge_slashes' || (name === 'expires' && !notes.has(directive)))
      sayAsEver(directive, notes)
  }
}

function sayAsEver(directive: Directive, notes: Notes) {
  const [kind, key] = remarkFor(directive.name) ?? []
  const isOff = directive.name === 'merge_slashes' && directive.args[0] === 'off'
  if (kind && key) notes.note(isOff ? 'look' : kind, directive, notes.texts.remarks[key])
}

/** Whether `error_page` has an error answered by somebody else, or with another status. */
function leadsOn({ args }: Directive, locations: readonly Location[]): boolean {
  const uri = args.at(-1) ?? ''
  const isPassed = locations.some(({ path, target, modifier }) => {
    const isThere = ['', '^~'].includes(modifier) ? path !== '/' && uri.startsWith(path) : uri === path
    return target !== undefined && isThere
  })
  return (
    args.some(each => OWN_ERROR.test(each)) &&
    (isPassed || /^(@|https?:)/.test(uri) || args.some(each => each.startsWith('=')))
  )
}

/** Whether a location has the pages of `error_page`, of whatever location. */
export function isErrorPage({ path, modifier, scope }: Location, locations: readonly Location[]): boolean {
  const has = ({ args }: Directive) => {
    const uri = args.at(-1) ?? ''
    return uri === path || (['', '^~'].includes(modifier) && path !== '/' && uri.startsWith(path))
  }
  return [scope, ...locations.map(each => each.scope)].some(each => effective(each, 'error_page').some(has))
}

/** Whether files come from a disk of Nginx, and not from the app's build. */
export function isFromDisk({ scope }: Location): boolean {
  const [place] = [...effective(scope, 'alias'), ...effective(scope, 'root')]
  return place !== undefined && !OF_APP.test(place.args[0] ?? '')
}
