import type { Location } from './locations.ts'
import type { Directive } from './parse.ts'
import { effective, named, placeOf, type Scope } from './scope.ts'

/**
 * Directives that keep somebody out, unless they are `off`. Each is inherited by what is inside. `satisfy` only says how
 * several of them go together.
 */
const GUARDS = [
  'auth_basic',
  'auth_request',
  'auth_jwt',
  'auth_oidc',
  'auth_digest',
  'auth_pam',
  'auth_ldap',
  'auth_gss',
  'auth_require',
  'access_by_lua',
  'access_by_lua_block',
  'access_by_lua_file',
  'rewrite_by_lua',
  'rewrite_by_lua_block',
  'rewrite_by_lua_file',
  'internal',
  'limit_except',
  'modsecurity',
  'secure_link',
  'secure_link_secret',
  'ssl_verify_client',
  'valid_referers',
] as const

/** The front answers these with 405 itself: docs/requests.md. */
const REFUSED_METHOD = /^\(?\$request_method = ["']?(TRACE|TRACK|CONNECT)["']?\)?$/i
/** A switch for maintenance is no guard: the file is there, or not. */
const FILE_TEST = /^\(?!?-[fdex] /

/** What keeps somebody out of a place, in the order in which Nginx has it; empty where everybody may come. */
export function guardsAt(scope: Scope): Directive[] {
  const found: Directive[] = []
  const access = scope
    .toReversed()
    .map(level => level.filter(({ name }) => name === 'allow' || name === 'deny'))
    .find(level => level.length > 0)
  if (access && !(access[0]?.name === 'allow' && access[0].args[0] === 'all')) found.push(...access)
  for (const name of GUARDS)
    found.push(...effective(scope, name).filter(({ args }) => args[0]?.toLowerCase() !== 'off'))
  // `if` and `return` are not inherited from a location; those of the server hold for all of it
  const own = [scope[1], scope.length > 2 ? scope.at(-1) : undefined].flatMap(level => level ?? [])
  found.push(...own.filter(each => isRefusal(each) || isGuardingIf(each)))
  // what is not there to be read may be a guard
  for (const level of scope.slice(2)) found.push(...named(level, 'include'))
  return found
}

/** `return 403` and the like: it refuses everybody. */
export const isRefusal = ({ name, args }: Directive) => name === 'return' && /^[45]\d\d$/.test(args[0] ?? '')

/** What an `if` asks for, as text. */
export const conditionOf = ({ args }: Directive) =>
  args
    .join(' ')
    .replace(/^\(\s*/, '')
    .replace(/\s*\)$/, '')

export const isAnsweredAlike = (directive: Directive) =>
  directive.name === 'if' &&
  REFUSED_METHOD.test(conditionOf(directive)) &&
  (directive.block ?? []).every(isRefusal)

/** A condition on who is asking: whoever it does not fit is sent elsewhere. */
const WHO =
  /^!?\$(cookie_|arg_|http_authorization|http_x_|remote_|realip_|ssl_client|geoip|secure_link|invalid_referer)/

/** An `if` that refuses some requests, or sends those elsewhere that have no cookie and the like. */
export function isGuardingIf(directive: Directive): boolean {
  if (directive.name !== 'if' || isAnsweredAlike(directive)) return false
  const condition = conditionOf(directive)
  const block = directive.block ?? []
  const leads = ({ name, args }: Directive) =>
    name === 'rewrite' || (name === 'return' && /^3\d\d$/.test(args[0] ?? ''))
  const isHttps = /^\$http_x_forwarded_proto\b/.test(condition)
  return (
    (!FILE_TEST.test(condition) && block.some(isRefusal)) ||
    (WHO.test(condition) && !isHttps && block.some(leads))
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
    const isInside = open.directive.block !== undefined && other.scope.includes(open.directive.block)
    // ^~ ends the search: no regular expression is asked
    if (!isInside && open.modifier === '^~') return false
    const inCase = (text: string) => (other.modifier === '~*' ? text.toLowerCase() : text)
    const start = inCase(literalStart(other.path))
    const below = inCase(`${path}/`)
    // `^/api` fits /api/ and /apix alike
    return start === '' || start.startsWith(below) || below.startsWith(start)
  }
  return other.path === path || other.path.startsWith(`${path}/`)
}

/** What each path begins with that a regular expression fits; empty where that cannot be told. */
function literalStart(pattern: string): string {
  if (!pattern.startsWith('^') || pattern.includes('|') || pattern.includes('(?i')) {
    // an alternative within brackets comes behind what is before them
    const [head = ''] = pattern.split('(')
    return pattern.startsWith('^') && pattern.includes('(') && !head.includes('|') ? literal(head) : ''
  }
  return literal(pattern)
}

const literal = (pattern: string) => {
  const [, start = '', next = ''] = /^\^((?:[\w/-]|\\[./-])*)(.?)/.exec(pattern) ?? []
  const plain = start.replaceAll('\\', '')
  return /[?*{]/.test(next) ? plain.slice(0, -1) : plain
}

/** `location ~ /\.ht { deny all; }` stands in most files, and keeps what an API does not have. */
export const isDotFiles = ({ modifier, path }: Location) => modifier.startsWith('~') && /^\/\\\./.test(path)
