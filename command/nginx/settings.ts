import { bare } from '../../lib/settings/routes.ts'
import type { Given } from './draft.ts'
import { setLargest } from './environment.ts'
import type { Notes } from './finding.ts'
import type { Location } from './locations.ts'
import type { Directive } from './parse.ts'
import { routePaths } from './paths.ts'
import { initialOf, inMs, timeText } from './quantity.ts'
import { effective, effectiveIn, inText, named, placeOf, serverNames } from './scope.ts'
import { ofBackends, ofPages, type SortedServer } from './sort-locations.ts'

const DEFAULT_TTL = Number(initialOf('DNS_MAX_TTL'))
/** That of a VPC, which the system asks as well. */
const KNOWS_ALL = /^(169\.254\.169\.253|\[fd00:ec2::253\])(:53)?$/i
/** Docker writes it into /etc/resolv.conf of its containers; a task of ECS has none. */
const DOCKERS = /^127\.0\.0\.11(:53)?$/
const IP_SERVER = /^(\d+(\.\d+){3}|\[[\da-f:.]+\])(:\d+)?$/i

/** What holds for all routes: how an API is reached, DNS, and who is believed. */
export function readSettings(sorted: SortedServer, notes: Notes): void {
  readConnectTimeout(sorted, notes)
  readPageBody(sorted, notes)
  readResolver(sorted, notes)
  readRealIp(sorted, notes)
  readLimit(sorted, notes)
  readRetries(sorted, notes)
  readTranslation(sorted, notes)
  readTls(sorted, notes)
  for (const directive of ofBackends(sorted, 'proxy_pass'))
    notes.note('same', directive, notes.texts.settings.followsDns)
}

/** More than that is no measure of a private network: boilerplate has Nginx's default, 60s. */
const MOST_CONNECT_MS = 5000

/** The longest that is one, for there is one setting for all paths. */
function readConnectTimeout(sorted: SortedServer, notes: Notes) {
  const { notUnderstood, sizes: texts } = notes.texts
  const all: Given[] = []
  for (const directive of ofBackends(sorted, 'proxy_connect_timeout')) {
    const ms = inMs(directive.args.join(' '))
    if (ms === undefined) notes.note('look', directive, notUnderstood, inText(directive))
    else if (ms > MOST_CONNECT_MS) notes.note('look', directive, texts.connect, inText(directive))
    else all.push({ directive, text: timeText(ms), size: ms })
  }
  setLargest('CONNECT_TIMEOUT', all, notes, 'lost')
}

function readPageBody(sorted: SortedServer, notes: Notes) {
  for (const directive of ofPages(sorted, 'client_max_body_size'))
    notes.note('look', directive, notes.texts.sizes.pageBody)
}

function readResolver(sorted: SortedServer, notes: Notes) {
  const texts = notes.texts.settings
  const asked = new Set(sorted.backends.flatMap(({ target }) => target.resolver ?? []))
  for (const other of ofBackends(sorted, 'resolver'))
    if (!asked.has(other)) notes.note('look', other, texts.notAsked)
  const [directive, ...others] = asked
  if (!directive) return
  for (const other of others) {
    const isSame = inText(other) === inText(directive)
    notes.note(isSame ? 'same' : 'lost', other, texts.one('DNS_SERVERS', placeOf(directive)), inText(other))
  }
  const { args } = directive
  const servers = args.filter(each => !each.includes('='))
  const addresses = servers.filter(each => IP_SERVER.test(each) && !DOCKERS.test(each))
  if (servers.some(each => DOCKERS.test(each))) notes.note('look', directive, texts.dockers)
  if (addresses.length > 0) notes.set('DNS_SERVERS', addresses.join(','), directive)
  const ofSystem = sorted.backends.filter(({ target }) => !target.resolver && !target.isAddress)
  if (addresses.some(each => !KNOWS_ALL.test(each)))
    for (const { location } of ofSystem) notes.at(location)('lost', texts.ofSystem(placeOf(directive)))
  for (const name of servers.filter(each => !IP_SERVER.test(each)))
    notes.note('look', directive, texts.resolverName(name))
  const valid = args.find(each => each.startsWith('valid='))
  const ms = valid === undefined ? undefined : inMs(valid.slice('valid='.length))
  if (ms !== undefined) {
    notes.set('DNS_MAX_TTL', String(ms / 1000), directive)
    if (ms / 1000 > DEFAULT_TTL) notes.note('look', directive, texts.ttl(DEFAULT_TTL))
  }
  if (args.includes('ipv4=off')) notes.set('DNS_FAMILY', '6', directive)
  else if (!args.includes('ipv6=off')) notes.note('look', directive, texts.ipv6)
}

/** There is one TRUSTED_PROXIES for all: that of the first API, or else of the pages. */
function readRealIp({ scope, backends, pages }: SortedServer, notes: Notes) {
  const texts = notes.texts.settings
  const scopes = [...backends.map(({ location }) => location.scope), ...pages.map(each => each.scope)]
  const inner = scopes.find(each => effective(each, 'set_real_ip_from').length > 0) ?? scope
  const ranges = effective(inner, 'set_real_ip_from')
  const [first] = ranges
  if (!first) return
  for (const name of ['set_real_ip_from', 'real_ip_header']) {
    const own = effective(inner, name).map(inText)
    for (const other of effectiveIn(scopes, name))
      if (!own.includes(inText(other)))
        notes.note('lost', other, texts.one('TRUSTED_PROXIES', placeOf(first)), inText(other))
  }
  const isAddress = ({ args: [range = ''] }: Directive) => /^[\da-f.:]+(\/\d+)?$/i.test(range)
  const isEverybody = ({ args: [range = ''] }: Directive) => range.endsWith('/0')
  const taken = ranges.filter(each => isAddress(each) && !isEverybody(each))
  if (taken.length > 0) notes.set('TRUSTED_PROXIES', taken.map(each => each.args[0]).join(','), first)
  for (const directive of ranges.filter(isEverybody))
    notes.note('lost', directive, texts.everybody, inText(directive))
  for (const directive of ranges.filter(each => !isAddress(each)))
    notes.note('look', directive, texts.subnets, inText(directive))
  const [header] = effective(inner, 'real_ip_header')
  const name = header?.args[0] ?? 'X-Real-IP'
  // proxy_protocol is no header
  const remark = name.includes('_') ? texts.notRead(name) : texts.addressHeader(name)
  if (header && name.toLowerCase() === 'x-forwarded-for') notes.note('same', header, texts.realIp)
  else notes.note('lost', header ?? first, remark)
}

function readLimit(sorted: SortedServer, notes: Notes) {
  const [http = []] = sorted.scope
  for (const directive of ofBackends(sorted, 'limit_req')) {
    const zone = directive.args.find(each => each.startsWith('zone='))?.slice('zone='.length)
    const rate = named(http, 'limit_req_zone')
      .find(each => each.args.some(arg => arg.startsWith(`zone=${zone}:`)))
      ?.args.find(each => each.startsWith('rate='))
    const [, count, unit] = /^rate=(\d+)r\/([sm])$/.exec(rate ?? '') ?? []
    const example = count === undefined ? '10/1m' : `${count}/1${unit}`
    notes.note('lost', directive, notes.texts.settings.limit(example))
  }
}

function readRetries(sorted: SortedServer, notes: Notes) {
  const all = ofBackends(sorted, 'proxy_next_upstream')
  const off = [...all].find(({ args }) => args.includes('off'))
  const others = sorted.backends.filter(
    ({ location }) =>
      !effective(location.scope, 'proxy_next_upstream').some(({ args }) => args.includes('off')),
  )
  if (off)
    for (const { location } of others)
      notes.at(location)('look', notes.texts.settings.one('REPLAY', placeOf(off)))
  for (const directive of all) {
    if (directive.args.includes('off')) notes.set('REPLAY', 'off', directive)
    else if (directive.args.includes('non_idempotent'))
      notes.note('look', directive, notes.texts.settings.nonIdempotent)
    else if (directive.args.some(each => /^(http_\d+|invalid_header)$/.test(each)))
      notes.note('look', directive, notes.texts.settings.answerStays)
    else notes.note('same', directive, notes.texts.settings.nextUpstream)
  }
}

/** Files with the public CAs, which Node brings along. */
const PUBLIC_CAS = /^\/etc\/(ssl|pki)\/.*(ca-certificates\.crt|ca-bundle\.crt|cert\.pem|tls-ca-bundle\.pem)$/

/** `proxy_ssl_*`: the backend's certificate. */
function readTls({ backends }: SortedServer, notes: Notes) {
  const texts = notes.texts.tls
  for (const { location, target } of backends) {
    const { scope, directive: at, path } = location
    const { protocol } = new URL(target.origin)
    if (protocol !== 'https:') continue
    const [verify] = effective(scope, 'proxy_ssl_verify')
    if (verify?.args[0] === 'on') notes.note('same', verify, notes.texts.headers.always)
    else notes.note('look', verify ?? at, texts.unverified, verify ? verify.name : `location ${path}`)

    for (const directive of effective(scope, 'proxy_ssl_trusted_certificate')) {
      const [file = ''] = directive.args
      if (PUBLIC_CAS.test(file)) notes.note('same', directive, texts.publicCas)
      else notes.set('NODE_EXTRA_CA_CERTS', file, directive)
    }
    for (const directive of effective(scope, 'proxy_ssl_protocols')) {
      if (directive.args.every(each => /^TLSv1\.[23]$/.test(each)))
        notes.note('same', directive, texts.versions)
      else notes.note('look', directive, texts.oldVersions)
    }
  }
}

/** `proxy_redirect ~^/(.*)$ /api/$1` says the same as `/ /api/`, and `~^http://(.+)$ https://$1` as `http:// https://`; `^/(.+)$` leaves `/` alone. */
export function withoutPattern({
  args: [from = '', to],
}: Directive): readonly [from: string, to: string | undefined] {
  const [, start] = /^~\*?\^(\/(?=\(\.\*)|http:\/\/)\(\.[*+]\)\$?$/.exec(from) ?? []
  return start !== undefined && to?.endsWith('$1') ? [start, to.slice(0, -2)] : [from, to]
}

/** The site as Nginx's variables have it. */
const SITE = /^(https?|\$scheme):\/\/\$(host|http_host|server_name)(:\$server_port)?(?=\/|$)/

const sentHosts = ({ scope }: Location) =>
  effective(scope, 'proxy_set_header').flatMap(({ args: [name, value] }) =>
    name?.toLowerCase() === 'host' && value ? value : [],
  )

/** What Nginx did to names of hosts and paths in an answer; here that needs no word. */
function readTranslation({ scope: [, server = []], locations, backends }: SortedServer, notes: Notes) {
  const texts = notes.texts.headers
  const names = serverNames(server)
  for (const { location, target } of backends) {
    const routes = routePaths(location, target, locations, notes.texts.paths)
    const paths = typeof routes === 'string' ? [] : routes.paths
    // `from` of the API's is `to` on the site, as a route has it
    const isRoutes = (from: string | undefined, to: string | undefined) =>
      paths.every(
        ({ path, base }) => (isPath(from, base) && isPath(to, path)) || (path === base && isPath(from, to)),
      )
    const say = (directive: Directive, isSame: boolean, remark: string) =>
      notes.note(isSame ? 'same' : 'lost', directive, remark, inText(directive))
    for (const directive of effective(location.scope, 'proxy_redirect')) {
      const [from = '', to] = withoutPattern(directive)
      const hosts = [target.host, ...sentHosts(location)]
      const own = [target.origin, ...hosts.flatMap(each => [`http://${each}`, `https://${each}`]), ''].find(
        each => from === each || from.startsWith(`${each}/`),
      )
      const path = to?.replace(SITE, '')
      const isScheme = from === 'http://' && /^(\$scheme|https):\/\/$/.test(to ?? '')
      const isSite = SITE.test(from) && from.replace(SITE, '') === path
      if (from === 'off' || isScheme || isSite) notes.note('look', directive, texts.location)
      else
        say(
          directive,
          from === 'default' || (own !== undefined && isRoutes(from.slice(own.length), path)),
          texts.location,
        )
    }
    for (const directive of effective(location.scope, 'proxy_cookie_path')) {
      const [from, to] = directive.args
      // a cookie for `/` stays one for the whole site
      const isOwn = from === 'off' || from === to || (isRoutes(from, to) && (from !== '/' || to === '/'))
      say(directive, isOwn, to?.includes(';') ? texts.cookieFlags : texts.cookiePath)
    }
    for (const directive of effective(location.scope, 'proxy_cookie_domain')) {
      const [from, to = ''] = directive.args
      const isFixed = /^[\w.-]+$/.test(to)
      if (names.length === 1 && names[0] === to)
        notes.note('look', directive, texts.cookieDomain, inText(directive))
      else
        say(
          directive,
          from === 'off' || /^\$(host|http_host|server_name)$/.test(to),
          isFixed ? texts.notFor(texts.cookieDomain, to) : texts.cookieDomain,
        )
    }
    for (const directive of effective(location.scope, 'proxy_cookie_flags'))
      notes.note('lost', directive, texts.cookieFlags, inText(directive))
  }
}

const isPath = (text = '', path = '') => bare(text) === bare(path)
