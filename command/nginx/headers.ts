import { isLikeOurs } from '../../lib/front/admission.ts'
import { keyIn } from './answer-headers.ts'
import { type HeaderValue, isLoginPath, type RouteValues } from './draft.ts'
import type { Notes } from './finding.ts'
import { isAsSent, sayForwarded } from './forwarded.ts'
import { isTls } from './listen.ts'
import type { Location } from './locations.ts'
import type { Directive } from './parse.ts'
import { effective, named, type Scope, serverNames } from './scope.ts'
import type { VariableFor } from './secrets.ts'
import { type Backend, LOOPBACK, type SortedServer } from './sort-locations.ts'
import { expand } from './target.ts'

/** Of a hop, which each one writes itself. */
const OF_HOP = new Set(['connection', 'keep-alive', 'te', 'trailer', 'expect', 'proxy-connection'])
const FRAMING = new Set(['content-length', 'transfer-encoding'])
/** What a client asked for, in Nginx's variables. */
const CLIENTS_HOST = /^\$(host|http_host)(:\$\w+)?$/
/** What nobody chose: these two mean something else in `host` of a route. */
const NOT_A_HOST = new Set(['backend', 'client'])

/** What `proxy_set_header` sets for an API. */
type SetHeaders = Pick<RouteValues, 'host' | 'headers' | 'upgrade'>

const shown = (name: string) => `proxy_set_header ${name}`
const isUpgrade = (key: string, value = '') =>
  key === 'upgrade' || (key === 'connection' && /upgrade/i.test(value))

/** Nginx passes a WebSocket on where both headers say so: without Connection it sends `close`, and an Upgrade of the client stays behind. */
function isUpgraded(directives: readonly Directive[]): boolean {
  const isSet = (key: string, value: RegExp) =>
    directives.some(({ args: [name = '', text = ''] }) => name.toLowerCase() === key && value.test(text))
  return isSet('upgrade', /./) && isSet('connection', /upgrade|\$/i)
}

/** `proxy_set_header` as Nginx sends them: of a name that is set twice, the one without a value is none. */
function setHeaders(scope: Scope): readonly Directive[] {
  const all = effective(scope, 'proxy_set_header')
  const isSame = (a: Directive, b: Directive) => a.args[0]?.toLowerCase() === b.args[0]?.toLowerCase()
  return all.filter(
    each => each.args[1] !== '' || !all.some(other => other.args[1] !== '' && isSame(other, each)),
  )
}

/** What X-Forwarded-Proto is set to; `$scheme` of a server with TLS alone is https. */
function protoOf(value: string, [, server = []]: Scope): string {
  const listens = named(server, 'listen')
  return value === '$scheme' && listens.length > 0 && listens.every(isTls) ? 'https' : value.toLowerCase()
}

/** Whether X-Forwarded-Proto is https for pages or API, whoever asks: PUBLIC_ORIGIN can say so. */
export const saysHttps = ({ backends, pages }: SortedServer): boolean =>
  [...backends.map(({ location }) => location), ...pages].some(({ scope }) =>
    setHeaders(scope).some(
      ({ args: [name = '', value = ''] }) =>
        name.toLowerCase() === 'x-forwarded-proto' && protoOf(value, scope) === 'https',
    ),
  )

/**
 * `proxy_set_header` for pages.
 */
export function readPageHeaders({ pages }: SortedServer, known: Known, notes: Notes): void {
  const texts = notes.texts.headers
  for (const { scope, target } of pages) {
    for (const directive of setHeaders(scope)) {
      const [name = '', written = ''] = directive.args
      const value = expand(written, scope)
      const key = name.toLowerCase()
      const say = notes.about(directive, shown(name))
      if (key === 'host') {
        const kind = kindOfHost(value, target, scope)
        say(kind, kind === 'same' ? texts.pages : texts.clientsHost)
      } else if (isUpgrade(key, value)) say('look', texts.noUpgrade)
      else if (!sayUsual({ directive, value, scope, same: texts.pages }, known, notes))
        say('lost', texts.addsNone)
    }
  }
}

type Set = {
  readonly directive: Directive
  readonly value: string
  readonly scope: Scope
  readonly same?: string
}

/**
 * What the front does with a header by itself.
 * @param same what is said of it where it is that of Nginx, or differs only in who says it
 * @returns whether something was said
 */
function sayUsual({ directive, value, scope, same }: Set, known: Known, notes: Notes): boolean {
  const texts = notes.texts.headers
  const [name = '', written = ''] = directive.args
  const key = name.toLowerCase()
  const say = notes.about(directive, shown(name))
  const said = sayForwarded(key, value, scope, texts)
  if (key === 'x-forwarded-proto') sayProto(directive, written, scope, known.isPublicKnown, notes)
  else if (key === 'x-forwarded-port') sayPort(directive, value, known.isPort443, notes)
  else if (said && (same === undefined || said[0] === 'lost')) say(...said)
  else if (said || isTakenAway(key, value) || OF_HOP.has(key)) say('same', same ?? texts.always)
  else if (isAsItCame(key, value)) say('same', same ?? texts.passedOn)
  else return false
  return true
}

/** What pages get is the Host that the client asked for: not one that Nginx wrote, but for the only one that the site has. */
function kindOfHost(value: string, target: Location['target'], scope: Scope): 'same' | 'look' | 'lost' {
  const names = serverNames(scope[1] ?? [])
  const isSites = names.length === 1 && [names[0], '$server_name'].includes(value)
  if (isSites || /^\$(host|http_host)$/.test(value)) return 'same'
  // none of these was the site's
  const isApps =
    LOOPBACK.test(`http://${value}`) ||
    (typeof target === 'object' && ['$proxy_host', target.host, new URL(target.origin).host].includes(value))
  return CLIENTS_HOST.test(value) || isApps ? 'look' : 'lost'
}

function sayPort(directive: Directive, value: string, isPort443: boolean, notes: Notes) {
  const texts = notes.texts.headers
  const say = notes.about(directive, shown('X-Forwarded-Port'))
  if (value === '443' && isPort443) say('same', texts.publicOrigin)
  else if (/^\d+$/.test(value)) say('lost', texts.own)
  else say('look', texts.port)
}

const isAsItCame = (key: string, value: string) => value === asSentOf(key) && !isLikeOurs(key)
const asSentOf = (key: string) => `$http_${key.replaceAll('-', '_')}`
/** Admission takes it from every request. */
const isTakenAway = (key: string, value: string) => value === '' && isLikeOurs(key)

function sayProto(directive: Directive, written: string, scope: Scope, isPublicKnown: boolean, notes: Notes) {
  const texts = notes.texts.headers
  const value = protoOf(written, scope)
  const say = notes.about(directive, shown('X-Forwarded-Proto'))
  if (value === 'https' && isPublicKnown) say('same', texts.publicOrigin)
  else if (/^https?$/i.test(value)) say('lost', texts.fixedProto(value))
  else if (value === '$scheme') say('look', texts.scheme)
  else if (value === '' || isAsSent(written, 'x-forwarded-proto', scope)) say('same', texts.always)
  else say('lost', texts.own)
}

/** What is known of the site as a whole. */
export type Known = {
  /** whether PUBLIC_ORIGIN says https */
  readonly isPublicKnown: boolean
  /** whether it says https without another port */
  readonly isPort443: boolean
  readonly variableFor: VariableFor
}

/** What a location sets for its API. */
export function readHeaders(backend: Backend, known: Known, notes: Notes): SetHeaders {
  const { location } = backend
  const texts = notes.texts.headers
  const directives = setHeaders(location.scope)
  const headers = new Map<string, HeaderValue>()
  const upgrade = isUpgraded(directives)
  for (const directive of directives) {
    const [name = '', written = ''] = directive.args
    const value = expand(written, location.scope)
    const key = name.toLowerCase()
    const say = notes.about(directive, shown(name))
    if (key === 'host') continue
    if (isUpgrade(key, value)) {
      if (isLoginPath(location.path)) say('look', texts.login)
      else say(upgrade ? 'same' : 'look', upgrade ? texts.socket : texts.halfSocket)
    } else if (sayUsual({ directive, value, scope: location.scope }, known, notes)) continue
    else if (FRAMING.has(key)) say('lost', texts.own)
    else if (!/^[\w!#$%&'*+.^`|~-]+$/.test(name) || name.includes('_')) say('lost', texts.underscore)
    else if (headers.has(keyIn(headers, name))) say('lost', texts.twice)
    else if (value.includes('$')) {
      // or a client could say itself what Nginx alone said: X-Remote-User. Not what it said in a Cookie that Nginx adds to
      const isRemoved = isLikeOurs(key) || !value.includes(asSentOf(key))
      say('lost', texts.variable(isRemoved))
      if (isRemoved && !isLikeOurs(key)) headers.set(name, { text: '' })
    } else {
      const variable = known.variableFor(name, value)
      headers.set(name, { text: value, ...(variable !== undefined && { variable }) })
    }
  }
  return { headers, upgrade, host: readHost(backend, directives, notes) }
}

/** `proxy_set_header Host`, or what Nginx sends without one: the host or the `upstream` in proxy_pass. */
function readHost(
  { location, target }: Backend,
  directives: readonly Directive[],
  notes: Notes,
): string | undefined {
  const { host, hostname } = new URL(target.origin)
  const [directive, again] = directives.filter(each => each.args[0]?.toLowerCase() === 'host')
  if (again) notes.note('lost', again, notes.texts.headers.twice, shown('Host'))
  const written = expand(directive?.args[1] ?? '$proxy_host', location.scope)
  const at = directive ?? location.directive
  const what = directive ? shown('Host') : `location ${location.path}`
  const [serverName] = serverNames(location.scope[1] ?? [])
  const value =
    written === '$proxy_host' ? target.host : written === '$server_name' ? (serverName ?? '') : written
  if (value === host) {
    if (directive) notes.note('same', at, notes.texts.headers.always, what)
    return undefined
  }
  const isClients = CLIENTS_HOST.test(value)
  if (isClients && value.includes(':')) notes.note('look', at, notes.texts.headers.clientsHost, what)
  if (isClients) return 'client'
  if (/^[\w.-]+(:\d{1,5})?$/.test(value) && !NOT_A_HOST.has(value)) return value
  const kind = value === hostname ? 'look' : 'lost'
  notes.note(kind, at, notes.texts.headers.host(value, host), what)
  return undefined
}
