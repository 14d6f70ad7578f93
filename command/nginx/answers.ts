import { isRemovedByNone, unfolded } from './answer-headers.ts'
import type { Draft } from './draft.ts'
import { hasNothing, isErrorPage, sayFiles } from './fallbacks.ts'
import { listenerRule, type Notes } from './finding.ts'
import {
  guardsAt,
  isAnsweredAlike,
  isDenyAll,
  isGuardingIf,
  isRefusal,
  isUnread,
  listGuards,
  reaches,
  refusesFileNames,
  refusesOddities,
} from './guards.ts'
import { isOfEnd } from './hsts.ts'
import { isAround, type Location, patternOf, shown, sourceOf } from './locations.ts'
import { ANY } from './order.ts'
import type { Directive } from './parse.ts'
import type { Routes } from './routes.ts'
import { BUILT_IN, effective, inText, mayLeave, named, type Scope } from './scope.ts'
import type { SortedServer } from './sort-locations.ts'
import { expand } from './target.ts'
import { httpsRule, isToHttps, urlOf } from './to-https.ts'
import { conditionOf } from './who.ts'

const HEALTH = new Set(['/healthz', '/readyz'])
/** Conditions that are true for a visitor who came by plain HTTP. */
const PLAIN_HTTP =
  /^(\$server_port (=|!=|~|!~) ["']?(80|443)["']?|\$scheme (=|!=) ["']?https?["']?|\$http_x_forwarded_proto (=|!=|~|!~) ["']?\^?https?\$?["']?|\$https (=|!=) ["']?(on|off)?["']?)$/

/**
 * What Nginx answers itself, or keeps from somebody, where nothing is passed to the API.
 * @param routes what became of the locations of APIs; `exceptions` are left out of one
 */
export function readAnswers(
  sorted: SortedServer,
  { drafts, exceptions }: Pick<Routes, 'drafts' | 'exceptions'>,
  notes: Notes,
): void {
  const { scope, locations, backends, pages } = sorted
  const [, server = []] = scope
  for (const directive of server) readAnswer(directive, { scope, isAround: server.some(mayLeave) }, notes)
  const ofBackend = new Set(backends.map(({ location }) => location))
  for (const location of locations) {
    const block = location.directive.block ?? []
    const isForSome = isAround(location, locations) || block.some(mayLeave)
    const place = { location, scope: location.scope, isAround: isForSome }
    for (const directive of block) readAnswer(directive, place, notes)
    if (ofBackend.has(location)) continue
    const isPage = pages.includes(location)
    if (isPage) readPageAnswerHeaders(location, locations, notes)
    if (location.target === undefined || isPage) {
      const around = drafts.filter(each => reaches(each.location, each.path, location))
      if (refusesFileNames(location)) sayFileNames(location, around, notes)
      else {
        const isHidden = hasNothing(location) && !isErrorPage(location, locations)
        const isException = exceptions.has(location)
        sayGuards(location, { isPage, isAround: isForSome, isException, isHidden }, notes)
      }
    }
    if (location.target === undefined) sayFiles(location, locations, notes)
  }
}

/** Who refused file names kept what no app has; below a route the API says so itself. */
function sayFileNames(location: Location, around: readonly Draft[], notes: Notes) {
  const guards = guardsAt(location)
  if (guards.length === 0) return
  const paths = around.map(({ path }) => path || '/').join(', ')
  const remark = notes.texts.guards.fileNames(listGuards(guards), paths)
  notes.at(location)(paths === '' ? 'look' : 'guarded', remark)
}

type Guarded = {
  readonly isPage: boolean
  readonly isAround: boolean
  readonly isException: boolean
  /** it has but `internal`, and kept a path of the app from everybody: `/metrics` */
  readonly isHidden: boolean
}

/** A guarded location that leads to no API is a page of the app here, or a 404. */
function sayGuards(location: Location, { isPage, isAround, isException, isHidden }: Guarded, notes: Notes) {
  const guards = guardsAt(location)
  const block = location.directive.block ?? []
  // an error page, or what counts connections: nothing of it is served
  const isOwn =
    (guards.every(({ name }) => name === 'internal') && !isHidden) || named(block, 'stub_status').length > 0
  // what led to a named one leads nowhere here
  const isNamed = location.modifier === '@' && guards.every(isRefusal)
  if (guards.length === 0 || ((isOwn || isNamed) && !isPage)) return
  const texts = notes.texts.guards
  const isOpen = guards.every(isUnread)
  const remark = texts[isException ? 'exception' : isOpen ? 'unread' : 'pages'](listGuards(guards))
  // nothing of it is left that somebody could get
  if (isOpen || (isException && !isPage)) return notes.at(location)('guarded', remark)
  const refusal = guards.find(isRefusal)
  const isInternal = guards.some(({ name }) => name === 'internal')
  const isForAll = refusal !== undefined || isInternal || guards.every(isDenyAll)
  const rule = `path ${patternOf(location)} → fixed-response ${refusal?.args[0] ?? (isInternal ? 404 : 403)}`
  notes.at(location)(
    'guarded',
    texts.instead(remark),
    // a listener knows no regular expression; nobody asks for a named one; what an `if` or `limit_except` lets in is no path
    /^[~@]/.test(location.modifier) ||
      isAround ||
      guards.every(({ name }) => /^(if|limit_except)$/.test(name))
      ? undefined
      : listenerRule(isForAll ? rule : texts.rule(rule)),
  )
}

type Place = {
  /** absent for what stands in the server */
  readonly location?: Location
  readonly scope: Scope
  /** whether it is not for all that comes here: other locations are below it, or an `if` is before it */
  readonly isAround: boolean
}

/** `return`, `if`, and a `rewrite` that Nginx applied before it chose a location. */
function readAnswer(directive: Directive, place: Place, notes: Notes) {
  const { location } = place
  if (directive.name === 'if') return readIf(directive, place, notes)
  if (directive.name === 'rewrite' && !location) {
    if (isToHttps(directive, place.scope)) return sayHttps(directive, place.scope, notes)
    return notes.note('lost', directive, notes.texts.answers.rewriteOfServer)
  }
  if (directive.name !== 'return') return
  const texts = notes.texts.answers
  const [status = '', text] = directive.args
  const code = /^\d{3}$/.test(status) ? Number(status) : 302
  const url = text ?? (code === 302 && status !== '302' ? status : undefined)
  const say = notes.about(directive, location ? shown(location) : inText(directive))
  const isInner =
    location !== undefined && (location.modifier === '@' || effective(place.scope, 'internal').length > 0)
  if (code >= 300 && code < 400 && url !== undefined) {
    if (isToHttps(directive, place.scope)) return sayHttps(directive, place.scope, notes)
    if (isInner) return say('lost', texts.named)
    const isPlain =
      !url.includes('$') &&
      !place.isAround &&
      (location === undefined || ['', '=', '^~'].includes(location.modifier))
    const source = location ? sourceOf(location) : '/:path*'
    const becomes = { in: 'redirects', source, destination: url, statusCode: code } as const
    return say('lost', texts.redirect(isPlain), isPlain ? becomes : undefined)
  }
  if (location && HEALTH.has(location.path) && code === 200) return say('same', texts.health)
  if (isInner) return say('lost', texts.named)
  // what it keeps from everybody is said with the guards
  if (isRefusal(directive) && location) return
  const rule = `path ${location ? patternOf(location) : '/*'} → fixed-response ${code}`
  const isByHand = place.isAround || location?.modifier.startsWith('~')
  say('lost', texts.fixed(code), isByHand ? undefined : listenerRule(rule))
}

function sayHttps(directive: Directive, scope: Scope, notes: Notes) {
  const rule = httpsRule(urlOf(directive), scope)
  notes.note('lost', directive, notes.texts.answers.toHttps, inText(directive), listenerRule(rule))
}

function readIf(directive: Directive, { location, scope }: Place, notes: Notes) {
  const { texts } = notes
  const block = directive.block ?? []
  const condition = conditionOf(directive)
  // what it is compared with may be a secret
  const what = `if (${condition.split(/\s/)[0]}${/\s/.test(condition) ? ' …' : ''})`
  const say = notes.about(directive, what)
  if (isAnsweredAlike(directive)) return say('same', texts.answers.methods)
  if (block.every(each => isOfLog(each, scope))) return say('look', texts.answers.logged)
  const redirect = block.find(each => isToHttps(each, scope))
  if (redirect && PLAIN_HTTP.test(condition)) return sayHttps(redirect, scope, notes)
  const pass = block.find(({ name }) => name === 'proxy_pass')
  if (pass) return say('lost', texts.answers.conditionalPass)
  // what the server redirects by an `if` of one path keeps nobody from the others
  const place = location ?? { scope, modifier: '=', path: `/${ANY}` }
  if (isGuardingIf(directive, place)) return say('guarded', texts.guards.condition(!location))
  if (refusesOddities(directive, scope)) return say('lost', texts.guards.condition(!location))
  say('lost', texts.remarks.if)
}

/** Whether a directive is about the log alone: `access_log off`, and a variable that the log asks, and nothing else. */
function isOfLog({ name, args: [variable = ''] }: Directive, [http = []]: Scope): boolean {
  if (name !== 'set' || BUILT_IN.has(variable)) return name === 'access_log'
  const { log, others } = askedIn(http)
  return log.has(variable) && !others.has(variable)
}

type AskedVariables = { readonly log: Set<string>; readonly others: Set<string> }
const asked = new WeakMap<readonly Directive[], AskedVariables>()
/** The variables that logs ask, and those that anything else does; a whole file is read once. */
function askedIn(http: readonly Directive[]): AskedVariables {
  const known = asked.get(http)
  if (known) return known
  const found: AskedVariables = { log: new Set(), others: new Set() }
  const read = ({ name, args, block = [] }: Directive) => {
    const by = /^(access_log|log_format)$/.test(name) ? found.log : found.others
    const text = [name, ...(name === 'set' ? args.slice(1) : args)].join(' ')
    for (const [, variable = ''] of text.matchAll(/\$\{?(\w+)/g)) by.add(`$${variable}`)
    block.forEach(read)
  }
  http.forEach(read)
  asked.set(http, found)
  return found
}

/** `add_header` and `proxy_hide_header` for pages, for which next.config has a place. */
function readPageAnswerHeaders(location: Location, locations: readonly Location[], notes: Notes) {
  // `/` falls back to it, as files that have a location of their own do
  const isOfAll = locations.some(
    ({ path, modifier, scope }) =>
      path === '/' &&
      modifier !== '=' &&
      effective(scope, 'try_files').some(({ args }) => args.at(-1) === location.path),
  )
  const source = isOfAll ? '/:path*' : sourceOf(location)
  const texts = notes.texts.headers
  for (const directive of effective(location.scope, 'add_header')) {
    if (isOfEnd(directive, notes)) continue
    const [key = '', written = ''] = directive.args
    const value = unfolded(expand(written, location.scope))
    if (unfolded(written) === '') {
      const isRemoved = isRemovedByNone(key)
      const remark = isRemoved ? texts.leftOut : texts.addsNothing
      notes.note(isRemoved ? 'lost' : 'same', directive, remark, `add_header ${key}`)
      continue
    }
    const isPlain =
      value !== '' && !value.includes('$') && (isOfAll || ['', '^~', '='].includes(location.modifier))
    notes.note(
      'lost',
      directive,
      texts.ofPages(isPlain),
      `add_header ${key}`,
      isPlain ? { in: 'headers', source, key, value } : undefined,
    )
  }
  for (const directive of effective(location.scope, 'proxy_hide_header')) {
    const isPoweredBy = /^x-powered-by$/i.test(directive.args[0] ?? '')
    notes.note('lost', directive, isPoweredBy ? texts.poweredBy : texts.leftOut, inText(directive))
  }
}
