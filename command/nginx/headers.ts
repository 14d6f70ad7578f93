import { type HeaderValue, isLoginPath } from './draft.ts'
import type { Notes } from './finding.ts'
import type { Directive } from './parse.ts'
import { effective, named, type Scope } from './scope.ts'
import type { VariableFor } from './secrets.ts'
import type { Backend, SortedServer } from './sort-locations.ts'
import { expand } from './target.ts'

const ALWAYS = new Set(['x-real-ip', 'x-forwarded-host', 'x-request-id'])
/** Of a hop, which each one writes itself. */
const OF_HOP = new Set(['connection', 'keep-alive', 'te', 'trailer', 'expect', 'proxy-connection'])
const FRAMING = new Set(['content-length', 'transfer-encoding'])
/** What a client asked for, in Nginx's variables. */
const CLIENTS_HOST = /^\$(host|http_host)(:\$\w+)?$/
/** What nobody chose: these two mean something else in `host` of a route. */
const NOT_A_HOST = new Set(['backend', 'client'])

/** What `proxy_set_header` sets for an API. */
export type SetHeaders = {
  /** as a route has it; undefined where it is the origin's */
  readonly host?: string
  readonly headers: ReadonlyMap<string, HeaderValue>
  readonly upgrade: boolean
}

const shown = (name: string) => `proxy_set_header ${name}`
const isUpgrade = (key: string, value = '') =>
  key === 'upgrade' || (key === 'connection' && /upgrade/i.test(value))

/** What X-Forwarded-Proto is set to; `$scheme` of a server with TLS alone is https. */
function protoOf(value: string, [, server = []]: Scope): string {
  const listens = named(server, 'listen')
  const isTls = listens.length > 0 && listens.every(({ args }) => args.includes('ssl'))
  return value === '$scheme' && isTls ? 'https' : value.toLowerCase()
}

/** Whether X-Forwarded-Proto is https for pages or API, whoever asks: PUBLIC_ORIGIN can say so. */
export const saysHttps = ({ backends, pages }: SortedServer): boolean =>
  [...backends.map(({ location }) => location), ...pages].some(({ scope }) =>
    effective(scope, 'proxy_set_header').some(
      ({ args: [name = '', value = ''] }) =>
        name.toLowerCase() === 'x-forwarded-proto' && protoOf(value, scope) === 'https',
    ),
  )

/**
 * `proxy_set_header` for pages.
 * @param isPublicKnown whether PUBLIC_ORIGIN says https
 */
export function readPageHeaders({ pages }: SortedServer, isPublicKnown: boolean, notes: Notes): void {
  for (const { scope } of pages) {
    for (const directive of effective(scope, 'proxy_set_header')) {
      const [name = '', value = ''] = directive.args
      const key = name.toLowerCase()
      if (isUpgrade(key, value))
        notes.note(
          'look',
          directive,
          'Next has no WebSockets in production: a page needs no Upgrade',
          shown(name),
        )
      else if (key === 'x-forwarded-proto') sayProto(directive, protoOf(value, scope), isPublicKnown, notes)
      else if (isOwn(key) || isAsItCame(key, value))
        notes.note('same', directive, 'pages get it', shown(name))
      else
        notes.note(
          'lost',
          directive,
          'it is not carried over: the front adds no header to a request for a page; proxy.ts of the app can',
          shown(name),
        )
    }
  }
}

const isOwn = (key: string) =>
  ALWAYS.has(key) || OF_HOP.has(key) || ['host', 'x-forwarded-for', 'x-forwarded-port'].includes(key)
const isAsItCame = (key: string, value: string) => value === `$http_${key.replaceAll('-', '_')}`

function sayProto(directive: Directive, value: string, isPublicKnown: boolean, notes: Notes) {
  const say = (kind: 'same' | 'look' | 'lost', remark: string) =>
    notes.note(kind, directive, remark, shown('X-Forwarded-Proto'))
  if (value === 'https' && isPublicKnown) say('same', 'PUBLIC_ORIGIN says it')
  else if (/^https?$/i.test(value))
    say(
      'lost',
      `Nginx always said ${value}; it becomes what the X-Forwarded-Proto of a sender in TRUSTED_PROXIES says, else http. PUBLIC_ORIGIN=${value}://… of the site says it always: --public-origin`,
    )
  else if (value === '$scheme')
    say(
      'look',
      'Nginx sent the scheme of its own listener; it becomes the one that the client came by, as the X-Forwarded-Proto of a sender in TRUSTED_PROXIES says',
    )
  else say('same', 'always')
}

/** What is known of the site as a whole. */
export type Known = {
  /** whether PUBLIC_ORIGIN says https */
  readonly isPublicKnown: boolean
  readonly variableFor: VariableFor
}

/** What a location sets for its API. */
export function readHeaders(
  backend: Backend,
  { isPublicKnown, variableFor }: Known,
  notes: Notes,
): SetHeaders {
  const { location } = backend
  const directives = effective(location.scope, 'proxy_set_header')
  const headers = new Map<string, HeaderValue>()
  let upgrade = false
  for (const directive of directives) {
    const [name = '', written = ''] = directive.args
    const value = expand(written, location.scope)
    const key = name.toLowerCase()
    const say = (kind: 'same' | 'look' | 'lost', remark: string) =>
      notes.note(kind, directive, remark, shown(name))
    if (key === 'host') continue
    if (isUpgrade(key, value)) {
      upgrade = true
      if (isLoginPath(location.path)) say('look', 'a login takes no WebSocket')
      else say('same', 'WebSockets are passed on to an API')
    } else if (key === 'x-forwarded-proto')
      sayProto(directive, protoOf(value, location.scope), isPublicKnown, notes)
    else if (key === 'x-forwarded-port')
      say('look', 'Nginx sent the port of its own listener; it becomes the one that the client came by')
    else if (key === 'x-forwarded-for' && value !== '$proxy_add_x_forwarded_for')
      say('look', 'it is appended to where TRUSTED_PROXIES has the sender, and replaced elsewhere')
    else if (key === 'x-real-ip' && effective(location.scope, 'set_real_ip_from').length === 0)
      say(
        'look',
        'Nginx sent the address of the public ALB; it is that of the client, as X-Forwarded-For has it',
      )
    else if ((ALWAYS.has(key) && written.startsWith('$')) || key === 'x-forwarded-for' || OF_HOP.has(key))
      say('same', 'always')
    else if (isAsItCame(key, written) && !/^x-(forwarded|original-|rewrite-)/.test(key))
      say('same', 'it is passed on')
    else if (isOwn(key) || FRAMING.has(key))
      say('lost', 'it is not carried over: the front writes this header itself')
    else if (value.includes('$'))
      say('lost', 'it is not carried over: its value is made of a variable, and a route has fixed ones')
    else if (!/^[\w!#$%&'*+.^`|~-]+$/.test(name) || name.includes('_'))
      say('lost', 'it is not carried over: a header with an underscore in its name stays behind')
    else {
      const variable = variableFor(name, value)
      headers.set(name, { text: value, ...(variable !== undefined && { variable }) })
    }
  }
  const host = readHost(backend, directives, notes)
  return { headers, upgrade, ...(host !== undefined && { host }) }
}

/** `proxy_set_header Host`, or what Nginx sends without one: the host or the `upstream` in proxy_pass. */
function readHost(
  { location, target }: Backend,
  directives: readonly Directive[],
  notes: Notes,
): string | undefined {
  const { host, hostname } = new URL(target.origin)
  const directive = directives.findLast(each => each.args[0]?.toLowerCase() === 'host')
  const written = expand(directive?.args[1] ?? '$proxy_host', location.scope)
  const at = directive ?? location.directive
  const what = directive ? shown('Host') : `location ${location.path}`
  const [serverName] = named(location.scope[1] ?? [], 'server_name').flatMap(({ args }) => args)
  const value =
    written === '$proxy_host' ? target.host : written === '$server_name' ? (serverName ?? '') : written
  if (value === host) {
    if (directive) notes.note('same', at, 'always', what)
    return undefined
  }
  if (CLIENTS_HOST.test(value)) return 'client'
  if (/^[\w.-]+(:\d{1,5})?$/.test(value) && !NOT_A_HOST.has(value)) return value
  const kind = value === hostname ? 'look' : 'lost'
  notes.note(kind, at, `Nginx sent Host: ${value}; the API gets its own name, ${host}`, what)
  return undefined
}

/** `add_header` and `proxy_hide_header` for the answers of an API. */
export function readAnswerHeaders({ location }: Backend, notes: Notes): Map<string, HeaderValue> {
  const found = new Map<string, HeaderValue>()
  for (const directive of effective(location.scope, 'proxy_hide_header'))
    found.set(directive.args[0] ?? '', { text: '' })
  for (const directive of effective(location.scope, 'add_header')) {
    const [name = '', written = '', always] = directive.args
    const value = expand(written, location.scope)
    const say = (kind: 'look' | 'lost', remark: string) =>
      notes.note(kind, directive, remark, `add_header ${name}`)
    if (value.includes('$'))
      say(
        'lost',
        'it is not carried over for the API: its value is made of a variable. The API has to set it itself',
      )
    else if (found.get(name)?.text) say('lost', 'a header that is set twice: the first is kept')
    else {
      found.set(name, { text: value })
      if (always !== 'always')
        say('look', 'it is set on errors of the API, too, and takes the place of its own')
    }
  }
  return found
}
