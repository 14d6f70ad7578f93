import { isAboutBots } from './bots.ts'
import { isOfFileNames } from './file-names.ts'
import type { Location } from './locations.ts'
import type { Directive } from './parse.ts'
import { formsOf, literalStart } from './pattern.ts'
import { isKnown } from './remarks.ts'
import { effective, mayLeave, named, placeOf, type Scope } from './scope.ts'
import { isSwitch } from './switch.ts'
import { expand } from './target.ts'
import { asksWho, conditionOf, mayFit, type Place } from './who.ts'

/**
 * Directives that keep somebody out, unless they are `off`. Each is inherited by what is inside. `satisfy` only says how
 * several of them go together.
 */
const GUARDS = [
  'internal',
  'js_access',
  'limit_except',
  'modsecurity',
  'ModSecurityEnabled',
  'SecRulesEnabled',
  'secure_link',
  'secure_link_secret',
  'shib_request',
  'ssl_verify_client',
  'testcookie',
  'valid_referers',
]
/** Families of guards, most of them modules of others: `auth_jwt`, `auth_ldap_servers`, `access_by_lua_block`. */
const GUARDING = /^(auth_\w+|(server_)?(access|rewrite)_by_lua(_block|_file)?)$/
/** What only says how such a guard works. */
const HOW_IT_GUARDS = /^auth_delay$|^auth_\w+_(file|set|cache_\w+)$/
/** Directives that may be unknown: they are about what is passed on, not about whom, or say how others work. */
const ON_ITS_WAY = new RegExp(
  [
    '^(proxy|fastcgi|uwsgi|scgi|grpc|client|send|keepalive|log|more|mirror|limit_req|otel|vhost_traffic)_',
    '_filter_by_lua|^log_by_lua',
    '^(lua|init(_worker)?_by_lua|balancer_by_lua|js_(?!access$|content$)|perl_|passenger_(?!enabled$)|datadog_(?!appsec|waf)|modsecurity|geoip|keyval|otel|status)_?',
    '^(set_|zstd|pagespeed|subs_|early_hints|charset_map|source_charset|google_perftools)',
    '^(add_|addition_|autoindex|gunzip|health_check|max_headers|opentracing|override_charset|ssi|status_zone|userid)',
  ].join('|'),
)

/** The front answers these with 405 itself: docs/requests.md. */
const REFUSED_METHOD = /^\(?\$request_method = ["']?(TRACE|TRACK|CONNECT)["']?\)?$/i
const METHODS = ['GET', 'HEAD', 'POST', 'PUT', 'PATCH', 'DELETE', 'OPTIONS']
/** Whether an `if` is about methods that no browser or app sends. */
function isOfOddMethods(condition: string): boolean {
  const [, list = ''] = /^\$request_method !~\*? ["']?\^\((?:\?:)?([A-Z|]+)\)\$["']?$/.exec(condition) ?? []
  const allowed = list.split('|')
  return METHODS.every(each => allowed.includes(each))
}
/** `if` and `return` are not inherited from a location; those of the server hold for all of it. */
const ownOf = (scope: Scope): Directive[] =>
  [scope[1], scope.length > 2 ? scope.at(-1) : undefined].flatMap(level => level ?? [])

/** What was found at a place: it is asked for several times, and each time looks at all of the server. */
const known = new WeakMap<Place, readonly Directive[]>()

/** What keeps somebody out of a place, in the order in which Nginx has it; empty where everybody may come. */
export function guardsAt(place: Place): readonly Directive[] {
  const guards = known.get(place) ?? findGuards(place)
  known.set(place, guards)
  return guards
}

function findGuards(place: Place): Directive[] {
  const { scope } = place
  const found: Directive[] = []
  const access = scope
    .toReversed()
    .map(level => level.filter(({ name }) => name === 'allow' || name === 'deny'))
    .find(level => level.length > 0)
  if (access && !(access[0]?.name === 'allow' && access[0].args[0] === 'all')) found.push(...access)
  const names = scope
    .flat()
    .flatMap(({ name }) => (GUARDING.test(name) && !HOW_IT_GUARDS.test(name) ? name : []))
  // flags in any case; to `auth_basic` and its like, `Off` is a realm or a path (ngx_http_auth_basic_module.c compares bytes)
  const isOff = (name: string) =>
    effective(scope, name).some(({ args: [word = ''] }) =>
      /^auth_(?!\w+_enabled$)/.test(name) ? word === 'off' : word.toLowerCase() === 'off',
    )
  for (const name of new Set([...names, ...GUARDS])) {
    // `auth_jwt off` is about `auth_jwt_key` as well
    const family = /^auth_[a-z\d]+/.exec(name)?.[0] ?? name
    if (![name, family, `${family}_enabled`].some(isOff)) found.push(...effective(scope, name))
  }
  found.push(...ownOf(scope).filter(each => isRefusal(each) || isGuardingIf(each, place)))
  // what is not there to be read may be a guard
  return [
    ...found,
    ...scope.flatMap((level, depth) => named(level, 'include').filter(each => mayGuard(each, depth))),
  ]
}

/** Not what is the same wherever Nginx or Certbot is; nor, in `http`, a pattern: it is of other servers. */
const mayGuard = ({ args: [file = ''] }: Directive, depth: number) =>
  !/(^|\/)(mime\.types|(fastcgi|uwsgi|scgi)_params|options-ssl-nginx\.conf)$/.test(file) &&
  (depth > 0 || !file.includes('*'))

/** Directives that are not known here: where they hold for an API, one of them may be a guard. */
const unknownAt = (scope: Scope): Directive[] =>
  scope.flat().filter(({ name }) => !isKnown(name) && name !== 'server' && !ON_ITS_WAY.test(name))

/** What keeps somebody from an API; behind a `return`, that of the server too, nobody reaches it. */
export const guardsOfApi = (place: Place): Directive[] => [
  ...guardsAt(place),
  ...named(ownOf(place.scope), 'return'),
]

/** Why a location that leads to an API is not opened. */
export const closedBy = (place: Place): readonly Directive[] => {
  const guards = guardsOfApi(place)
  return guards.length > 0 ? guards : unknownAt(place.scope)
}

/** It may keep somebody out, or not. */
export const isUnread = ({ name }: Directive) => name === 'include'

/** `return 403` and the like: it refuses everybody. */
export const isRefusal = ({ name, args }: Directive) => name === 'return' && /^[45]\d\d$/.test(args[0] ?? '')

export const isAnsweredAlike = (directive: Directive) =>
  directive.name === 'if' &&
  REFUSED_METHOD.test(conditionOf(directive)) &&
  (directive.block ?? []).every(isRefusal)

/** Against scanners and bots: names that they give themselves, or, for the whole server, hosts that are not the site's. */
function isOfBots(directive: Directive, scope: Scope): boolean {
  const condition = expand(conditionOf(directive), scope)
  // beside `=`, a variable may be a cookie
  if (/^\$(http_)?host (!?~\*? |!?= [^$]*$)/.test(condition)) return scope[1]?.includes(directive) ?? false
  return isAboutBots(condition, scope)
}

/** Whether an `if` refuses what no visitor of the site sends. */
export const refusesOddities = (directive: Directive, scope: Scope) =>
  isOfOddMethods(conditionOf(directive)) ||
  ((directive.block ?? []).some(isRefusal) && isOfBots(directive, scope))

/**
 * An `if` that refuses some requests, or sends or passes those elsewhere that have no cookie and the like. By a `break` it does so with
 * all others, where something follows it that does.
 */
export function isGuardingIf(directive: Directive, place: Place): boolean {
  if (directive.name !== 'if' || isAnsweredAlike(directive)) return false
  const { scope } = place
  const condition = conditionOf(directive)
  const block = directive.block ?? []
  const level = scope.find(each => each.includes(directive)) ?? []
  const at = level.indexOf(directive)
  // what a location has rewritten is none of its paths any more
  const isMoved = level !== scope[1] && named(level.slice(0, at), 'rewrite').length > 0
  // to https, too: without the cookie nobody comes to the API
  const leads = ({ name, args: [pattern = ''] }: Directive) =>
    name === 'rewrite' ? isMoved || mayFit(pattern, place) : /^(return|\w+_pass)$/.test(name)
  const isLeft =
    mayLeave(directive) &&
    level
      .slice(at)
      .flatMap(each => (each.name === 'if' ? (each.block ?? []) : each))
      .some(each => ['rewrite', 'return'].includes(each.name) && leads(each))
  return (
    !refusesOddities(directive, scope) &&
    !isAboutFileNames(condition) &&
    (block.some(isRefusal) ||
      (isLeft && asksWho(condition, { scope })) ||
      (block.some(leads) && asksWho(condition, place))) &&
    !isSwitch(directive, level.slice(0, at), place)
  )
}

/** Lists guards, each name once with the place of its first: `allow, deny (nginx.conf:12)`. */
export function listGuards(guards: readonly Directive[]): string {
  const inText = ({ name, args }: Directive) =>
    name === 'return' || name === 'include' ? `${name} ${args[0]}` : name
  const names = new Set(guards.map(inText))
  return `${[...names].join(', ')} (${guards[0] ? placeOf(guards[0]) : ''})`
}

/**
 * Whether a request below `path`, which leads to the API, may be one that Nginx gave to `other`.
 * @param open the location that has this path
 */
export function reaches(open: Location, path: string, other: Location): boolean {
  // a location = /path has nothing below it, and no other location has that path
  if (other === open || open.modifier === '=' || other.modifier === '@') return false
  if (other.modifier.startsWith('~')) {
    if (isBeside(open, other.parent)) return false
    // ^~ ends the search: no regular expression beside it is asked
    if (withParents(open).some(each => each.parent === other.parent && each.modifier === '^~')) return false
    const inCase = (text: string) => (other.modifier === '~*' ? text.toLowerCase() : text)
    const below = inCase(`${path}/`)
    return formsOf(other.path).some(each => {
      const [, around, excluded] = /^\^(\/(?:[\w-]+\/)*)\(\?!([\w/|-]+)\)/.exec(each) ?? []
      if (excluded?.split('|').some(path => below.startsWith(inCase(around + path)))) return false
      const start = inCase(literalStart(each))
      // `^/api` fits /api/ and /apix alike
      return start === '' || start.startsWith(below) || below.startsWith(start)
    })
  }
  return other.path === path || other.path.startsWith(`${path}/`)
}

/** Whether what is in a prefix is asked for nothing of another that is not below it: `location / { location ~ \.php$ … }` beside `/api/`. */
const isBeside = (open: Location, parent: Location | undefined) =>
  parent !== undefined &&
  isPrefix(parent) &&
  withParents(open).some(
    each =>
      each !== parent &&
      each.parent === parent.parent &&
      isPrefix(each) &&
      !parent.path.startsWith(each.path),
  )
const isPrefix = ({ modifier }: Location) => modifier === '' || modifier === '^~'

const withParents = (location: Location): Location[] => [
  location,
  ...(location.parent ? withParents(location.parent) : []),
]

export const isDenyAll = ({ name, args }: Directive) => name === 'deny' && args[0] === 'all'

/** `location ~ /\.ht { deny all; }` stands in most files, and keeps what an API does not have. */
export const refusesFileNames = (location: Location) =>
  location.modifier.startsWith('~') &&
  isOfFileNames(location.path) &&
  guardsAt(location).every(each => isDenyAll(each) || isRefusal(each))

/** The same by an `if`, as server panels write it: `if ($uri ~ "^/\.well-known/.*\.php$") { return 403; }`. */
function isAboutFileNames(condition: string): boolean {
  const [, pattern] = /^\$(?:document_)?uri ~\*? (.+)$/.exec(condition) ?? []
  return pattern !== undefined && isOfFileNames(pattern)
}
