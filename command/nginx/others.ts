import { lostOfApis } from './fallbacks.ts'
import { listenerRule, type Notes } from './finding.ts'
import { guardsAt, isUnread, listGuards } from './guards.ts'
import { defaultAt, isTls, portsOf } from './listen.ts'
import { findsNoFile } from './named.ts'
import type { Directive } from './parse.ts'
import { isDefault, isKnown, type Kind, READ, remarkFor } from './remarks.ts'
import { effective, inText, named, type Scope, serverNames } from './scope.ts'
import { locationFor } from './search.ts'
import { isSameOrigin, ofBackends, type SortedServer } from './sort-locations.ts'
import { expand, placesOf } from './target.ts'
import { httpsRule, isOwnByHttps } from './to-https.ts'

const STRUCTURE = new Set(['http', 'server', 'if', 'return'])
export const isDirective = (word: string): boolean => isKnown(word) || STRUCTURE.has(word)

type OtherServer = { readonly directive: Directive; readonly title: string; readonly sorted: SortedServer }

/**
 * A server that is not the one that is taken over.
 * @param chosen the one that is; `isChosen` where a person named it
 */
export function readOtherServer(
  { directive, title, sorted }: OtherServer,
  chosen: { readonly sorted: SortedServer; readonly isChosen: boolean },
  notes: Notes,
): void {
  const texts = notes.texts.servers
  const guards = guardsOfSame(sorted, chosen.sorted)
  const { block = [] } = directive
  const names = serverNames(block)
  const passes = sorted.locations.some(({ target }) => target !== undefined)
  const redirect = passes ? undefined : redirectOf(block)
  const [only, ...more] = named(block, 'location')
  const isAlone = !only || (more.length === 0 && isOfAll(only))
  const answer = redirect ?? (isAlone ? named(only?.block ?? block, 'return')[0] : undefined)
  const words =
    answer?.args ?? (effective([block], 'ssl_reject_handshake')[0]?.args[0] === 'on' ? ['403'] : [])
  const say = (kind: Kind, remark: string, rule?: string) =>
    notes.about(directive, 'server')(
      kind,
      texts.other(title, remark),
      rule === undefined ? undefined : listenerRule(rule),
    )
  const url = redirect?.args.at(-1) ?? ''
  if (isOwnByHttps(url, sorted.scope)) say('lost', notes.texts.answers.toHttps, httpsRule(url, sorted.scope))
  else if (words.length > 0) {
    const host = names.filter(each => each !== '_').join(', ') || texts.notNamed
    const what = forListener(words.join(' '))
    say(
      'lost',
      answer ? texts.answers : texts.refuses,
      what === undefined ? undefined : `${listenerOf(block, chosen.sorted)}host ${host} → ${what}`,
    )
  } else if (!guards.every(isUnread)) say('guarded', texts.guarded(listGuards(guards)))
  else
    say(
      chosen.isChosen ? 'look' : 'lost',
      guards.length > 0 ? texts.unread(listGuards(guards)) : texts.leftOut,
    )
}

/** At a listener of its own, whose redirect would lead to itself at that of the site. */
function listenerOf(block: readonly Directive[], { scope: [, site = []] }: SortedServer): string {
  const ports = portsOf(block)
  if (ports.some(each => portsOf(site).includes(each))) return ''
  return `${named(block, 'listen').some(isTls) ? 'HTTPS' : 'HTTP'}:${ports[0]}, `
}

/** As a listener writes it; none with a variable that it does not know. */
function forListener(text: string): string | undefined {
  const written = Object.entries(LISTENERS).reduce(
    (text, [name, own]) => text.replace(placesOf(name), own),
    text,
  )
  return written.includes('$') ? undefined : written
}
const LISTENERS = { host: '#{host}', scheme: '#{protocol}', request_uri: '/#{path}?#{query}' }

const isOfAll = ({ args }: Directive) => args.at(-1) === '/' && args[0] !== '='

/** What sends all that comes to a server to https: by itself, by an `if` on the host, as Certbot writes it, or by its `location /`. */
function redirectOf(block: readonly Directive[]): Directive | undefined {
  const inner = block.filter(each => each.name === 'if' || (each.name === 'location' && isOfAll(each)))
  return [block, ...inner.map(each => each.block ?? [])]
    .flatMap(level => named(level, 'return'))
    .find(({ args }) => /^https:/.test(args.at(-1) ?? ''))
}

/**
 * What guards a server at the same port, where that leads to the same pages or APIs, or has the hosts that no server names: any Host
 * gets these here.
 */
function guardsOfSame(other: SortedServer, chosen: SortedServer): readonly Directive[] {
  const [http = [], block = []] = other.scope
  const shared = portsOf(block).filter(each => portsOf(chosen.scope[1] ?? []).includes(each))
  if (shared.length === 0) return []
  if (shared.some(each => defaultAt(each, named(http, 'server')) === block))
    return guardsAt(locationFor('/', other.locations) ?? other)
  const originsOf = ({ locations }: SortedServer) =>
    locations.flatMap(location =>
      typeof location.target === 'object' ? [{ origin: location.target.origin, location }] : [],
    )
  const origins = originsOf(chosen)
  return originsOf(other)
    .filter(each => origins.some(({ origin }) => isSameOrigin(origin, each.origin)))
    .flatMap(({ location }) => guardsAt(location))
}

/** Everything whose value becomes no setting. */
export function readOthers(top: readonly Directive[], sorted: SortedServer, notes: Notes): void {
  const { texts } = notes
  const levels = [top, ...sorted.scope, ...sorted.locations.map(each => each.directive.block ?? [])]
  const scopes = [sorted.scope, ...sorted.locations.map(({ scope }) => scope)]
  const caching = sorted.locations.filter(
    ({ target, scope }) =>
      target !== undefined && effective(scope, 'proxy_cache').some(({ args }) => args[0] !== 'off'),
  )
  // what the build names by its content is in memory here
  const isCached = caching.some(each => !sorted.pages.includes(each) || !each.path.includes('/_next/static'))
  // the only variables of Nginx itself that `set` may change
  const changes = new Map([
    ['$args', texts.setArgs],
    ['$limit_rate', texts.remarks.limit_rate],
  ])
  const http2 = ofBackends(sorted, 'proxy_http_version')
  const ofApis = lostOfApis(sorted)
  function remarkOn(directive: Directive): readonly [kind: Kind, remark: string, what?: string] {
    const { name, args } = directive
    if ((name === 'charset' || name === 'error_page' || name === 'try_files') && ofApis.has(directive))
      return ['lost', texts.ofApi[name], inText(directive)]
    if (/^proxy_(no_)?cache/.test(name) && !isCached)
      return ['same', caching.length > 0 ? texts.answers.fromBuild : texts.nothingKept]
    if (name === 'include' && /mime\.types$/.test(args[0] ?? ''))
      return ['same', texts.types, shownWith(directive)]
    if (name === 'try_files' && findsNoFile(directive))
      return ['look', texts.noSuchFile(args.slice(0, -1).join(' '))]
    if (name === 'proxy_pass_header' && /^x-accel-/i.test(args[0] ?? ''))
      return ['lost', texts.accel, shownWith(directive)]
    if (isDefault(directive)) return ['same', texts.isDefault]
    if (name === 'proxy_http_version' && args[0] === '2' && http2.has(directive))
      return ['lost', texts.answers.otherProtocol, shownWith(directive)]
    const change = name === 'set' ? changes.get(args[0] ?? '') : undefined
    if (change !== undefined) return ['lost', change, shownWith(directive)]
    const isOpen =
      name === 'set' &&
      scopes.some(each => each.some(level => level.includes(directive)) && !hasFixed(args[0], each))
    const [kind, key] = remarkFor(isOpen ? 'map' : name) ?? (['lost'] as const)
    const isTelling = ['set', 'upstream', 'include', 'map'].includes(name)
    return [
      key !== undefined && ON.has(key) && args[0] === 'off' ? 'look' : kind,
      key === undefined ? texts.unknown : texts.remarks[key],
      isTelling ? shownWith(directive) : name,
    ]
  }
  for (const directive of new Set(levels.flat())) {
    const { name } = directive
    const isTold = isRewriteTold(directive, sorted) || (name === 'expires' && notes.has(directive))
    if (STRUCTURE.has(name) || READ.has(name) || isTold) continue
    const [kind, remark, what] = remarkOn(directive)
    notes.note(kind, directive, remark, what)
  }
}

/** A location of an API whose rewrite can be no route says so itself; one of the server is told with what Nginx answers. */
const isRewriteTold = (directive: Directive, { scope, backends }: SortedServer) =>
  directive.name === 'rewrite' &&
  [scope[1], ...backends.map(({ location }) => location.directive.block)].some(each =>
    each?.includes(directive),
  )

/** Gatehouse has these on, and `off` is a difference. */
const ON = new Set(['etag', 'ignore_invalid_headers', 'merge_slashes', 'real_ip_recursive', 'tcp_nodelay'])

const hasFixed = (variable = '', scope: Scope) => expand(variable, scope) !== variable

const shownWith = ({ name, args }: Directive) => `${name} ${args[0] ?? ''}`
