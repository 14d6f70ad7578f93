import type { Notes } from './finding.ts'
import { guardsAt, isDenyAll } from './guards.ts'
import { type Location, shown } from './locations.ts'
import { findsNoFile } from './named.ts'
import { ANY } from './order.ts'
import type { Directive } from './parse.ts'
import { effective, inText, named, type Scope } from './scope.ts'
import { locationFor } from './search.ts'
import { ofBackends, type SortedServer } from './sort-locations.ts'

/** Statuses that Nginx answers with itself where it passes a request on. */
const OWN_ERROR = /^(40[058]|41[34]|49\d|50\d)$/
/** Of the app's own build, which the front serves. */
const OF_APP = /(^|\/)(public|\.next)(\/|$)/

/** Directives that are of no account for a page, and are lost where they hold for an API. */
export const lostOfApis = (sorted: SortedServer): ReadonlySet<Directive> =>
  new Set([
    ...[...ofBackends(sorted, 'charset')].filter(({ args }) => args[0] !== 'off'),
    ...[...ofBackends(sorted, 'error_page')].filter(each => leadsOn(each, sorted.locations)),
    // unlike others, it is not inherited
    ...sorted.backends.flatMap(({ location }) => named(location.directive.block ?? [], 'try_files')),
  ])

/** Whether `error_page` has an error answered by somebody else, or with another status. */
function leadsOn({ args }: Directive, locations: readonly Location[]): boolean {
  const uri = args.at(-1) ?? ''
  const isPassed = locations.some(each => each.target !== undefined && hasFile(each, uri))
  return (
    args.some(each => OWN_ERROR.test(each)) &&
    (isPassed || /^(@|https?:)/.test(uri) || args.some(each => each.startsWith('=')))
  )
}

/** What Nginx did with the paths that no location names, all of which the app has here. */
export function sayUnnamed(server: Directive, sorted: SortedServer, notes: Notes) {
  const { scope, locations } = sorted
  if (locationFor(`/${ANY}`, locations) || named(server.block ?? [], 'return').length > 0) return
  const texts = notes.texts.answers
  const [root] = effective(scope, 'root')
  if (root && isFromDisk(scope)) notes.note('lost', root, texts.unnamedFiles, inText(root))
  else if (!leadsToPages(server.block ?? [], sorted)) {
    // where none leads to the pages, the file is that of the API alone
    const kind = sorted.pages.length > 0 ? 'guarded' : 'look'
    notes.note(kind, server, texts.unnamed(root !== undefined), 'server')
  }
}

/** Whether the server's own `try_files`, or its `error_page 404 =`, has the app answer what no location names. */
function leadsToPages(block: readonly Directive[], { locations, pages }: SortedServer): boolean {
  const onNone = named(block, 'error_page').filter(({ args }) => args.includes('404') && args.includes('='))
  return [...named(block, 'try_files'), ...onNone].some(({ args }) => {
    const uri = args.at(-1) ?? ''
    const there = locations.find(each => each.modifier === '@' && each.path === uri)
    return pages.some(each => each === (there ?? locationFor(uri, locations)))
  })
}

/** Whether a location, but for that of everything, has a page of an error. */
const hasFile = ({ path, modifier }: Location, uri: string) =>
  ['', '^~'].includes(modifier) ? path !== '/' && uri.startsWith(path) : uri === path

/** What answers in place of a file. */
const ANSWERS =
  /^(return|rewrite|stub_status|\w+_pass|js_content|content_by_lua\w*|echo|perl|empty_gif|vhost_traffic_status_display)$/
export const isOtherPass = ({ name }: Directive) => /^(fastcgi|uwsgi|grpc|scgi|memcached)_pass$/.test(name)

/** Files that Nginx read from a disk. */
export function sayFiles(location: Location, locations: readonly Location[], notes: Notes) {
  const texts = notes.texts.answers
  const block = location.directive.block ?? []
  const say = notes.at(location)
  const other = block.find(isOtherPass)
  if (other) notes.note('lost', other, texts.otherPass, shown(location))
  const guards = guardsAt(location)
  // nobody got them
  if (guards.length > 0 && guards.every(isDenyAll)) return
  if (location.path.includes('/_next/static')) say('same', texts.fromBuild)
  else if (location.path.includes('acme-challenge')) say('look', texts.acme)
  else if (!block.some(({ name }) => ANSWERS.test(name))) {
    const fallback = named(block, 'try_files')[0]?.args.at(-1)
    const there = locationFor(fallback?.replace(/\?.*/, '') ?? '', locations)
    if (there?.directive.block?.some(isOtherPass)) return say('lost', texts.otherPass)
    if (isErrorPage(location, locations)) say('look', texts.errorPages)
    else if (effective(location.scope, 'internal').length > 0) {
      // a path of the app is told as guarded
      if (!hasNothing(location)) say('lost', texts.internal)
    } else if (findsNoFile(named(block, 'try_files')[0]) && fallback?.startsWith('@')) return
    else if (fallback?.startsWith('@')) say(isFromDisk(location.scope) ? 'lost' : 'look', texts.files)
    else if (isOfNoFile(location)) say('look', texts.noFile)
    else if (
      named(block, 'location').length === 0 ||
      block.some(({ name }) => /^(root|alias|try_files)$/.test(name))
    )
      say('lost', fallback?.endsWith('.html') ? texts.singlePage : texts.files)
  }
}

/** `location = /favicon.ico { log_not_found off; }`: without a `root` Nginx asks for it in a folder of its own, where it is not. */
const isOfNoFile = ({ modifier, path, scope }: Location) =>
  modifier === '=' &&
  /^\/(favicon\.ico|robots\.txt)$/.test(path) &&
  ['root', 'alias', 'try_files'].every(name => effective(scope, name).length === 0)

/** Whether a location has the pages of `error_page`, of whatever location. */
export const isErrorPage = (location: Location, locations: readonly Location[]) =>
  [location, ...locations].some(({ scope }) =>
    effective(scope, 'error_page').some(({ args }) => hasFile(location, args.at(-1) ?? '')),
  )

/** Whether a location says nothing of what is there. */
export const hasNothing = ({ directive: { block = [] } }: Location) =>
  block.every(({ name }) => /^(internal|(access|error)_log|log_not_found)$/.test(name))

/** Whether files come from a disk of Nginx, and not from the app's build. */
function isFromDisk(scope: Scope): boolean {
  const [place] = [...effective(scope, 'alias'), ...effective(scope, 'root')]
  return place !== undefined && !OF_APP.test(place.args[0] ?? '')
}
