import type { Notes } from './finding.ts'
import type { Directive } from './parse.ts'
import { inMs, sizeBytes, sizeText, timeText } from './quantity.ts'
import { effective, inText, named, placeOf } from './scope.ts'
import type { SortedServer } from './sort-locations.ts'

/** The idle timeout of an ALB, in ms. */
const ALB_MS = 60_000
const DEFAULT_TTL = 3
const IP_SERVER = /^(\d+(\.\d+){3}|\[[\da-f:.]+\])(:\d+)?$/i

/** What the backend's locations say about timeouts, sizes, DNS and who is believed. */
export function readSettings(sorted: SortedServer, notes: Notes): void {
  readTimes(sorted, notes)
  readBody(sorted, notes)
  readResolver(sorted, notes)
  readRealIp(sorted, notes)
  readLimit(sorted, notes)
  readRetries(sorted, notes)
  for (const directive of ofBackends(sorted, 'proxy_pass'))
    notes.note('same', directive, 'the addresses follow DNS, and the query string is never touched')
}

/** Each of a name that holds for one of the backend's locations, once. */
function ofBackends({ backends }: SortedServer, name: string): Directive[] {
  return [...new Set(backends.flatMap(({ location }) => effective(location.scope, name)))]
}

/** The largest, for there is one setting for all paths. */
function largest(
  sorted: SortedServer,
  name: string,
  sizeOf: (text: string) => number | undefined,
  notes: Notes,
): { directive: Directive; size: number } | undefined {
  const all: { directive: Directive; size: number }[] = []
  for (const directive of ofBackends(sorted, name)) {
    const size = sizeOf(directive.args.join(' '))
    if (size === undefined) notes.note('look', directive, 'its value is not understood', inText(directive))
    else all.push({ directive, size })
  }
  const [first, ...others] = all.toSorted((a, b) => b.size - a.size)
  for (const { directive, size } of others) {
    if (first && size < first.size)
      notes.note(
        'lost',
        directive,
        `there is one setting for all paths: ${placeOf(first.directive)} has the largest`,
        inText(directive),
      )
  }
  return first
}

/** More than that is no measure of a private network: boilerplate has Nginx's default, 60s. */
const MOST_CONNECT_MS = 5000

function readTimes(sorted: SortedServer, notes: Notes) {
  const connect = largest(sorted, 'proxy_connect_timeout', inMs, notes)
  if (connect && connect.size <= MOST_CONNECT_MS)
    notes.set('CONNECT_TIMEOUT', timeText(connect.size), connect.directive)
  else if (connect)
    notes.note(
      'look',
      connect.directive,
      'it is not taken over: CONNECT_TIMEOUT holds for one address, and a login looks for one for twice as long. 1s, the default, suits a private network',
      inText(connect.directive),
    )
  readAnswerTime(sorted, notes)
}

/** A WebSocket is silent for hours: what was said for one is no timeout for an answer. */
function readAnswerTime(sorted: SortedServer, notes: Notes) {
  const isSocket = ({ location }: SortedServer['backends'][number]) =>
    effective(location.scope, 'proxy_set_header').some(each => each.args[0]?.toLowerCase() === 'upgrade')
  const plain = { ...sorted, backends: sorted.backends.filter(each => !isSocket(each)) }
  const ofPlain = new Set(ofBackends(plain, 'proxy_read_timeout'))
  for (const directive of ofBackends(sorted, 'proxy_read_timeout').filter(each => !ofPlain.has(each)))
    notes.note(
      'lost',
      directive,
      'it is not carried over: it is for a WebSocket, and BACKEND_TIMEOUT would have it for every answer',
      inText(directive),
    )
  const read = largest(plain, 'proxy_read_timeout', inMs, notes)
  if (!read) return
  notes.set('BACKEND_TIMEOUT', timeText(read.size), read.directive)
  if (read.size >= ALB_MS)
    notes.note(
      'look',
      read.directive,
      'an ALB ends what is idle for 60 s, unless told otherwise: only below that does a client get the 504 that says so (55s is the default)',
    )
}

function readBody(sorted: SortedServer, notes: Notes) {
  const all = ofBackends(sorted, 'client_max_body_size')
  const unlimited = all.find(each => sizeBytes(each.args[0] ?? '') === 0)
  if (unlimited) {
    notes.note(
      'lost',
      unlimited,
      'there is always a limit for a login: MAX_BODY, 1mb unless it is set',
      inText(unlimited),
    )
  } else {
    const size = largest(sorted, 'client_max_body_size', sizeBytes, notes)
    if (size) notes.set('MAX_BODY', sizeText(size.directive.args[0] ?? '') ?? '', size.directive)
  }
  for (const { scope } of sorted.pages) {
    for (const directive of effective(scope, 'client_max_body_size'))
      notes.note(
        'look',
        directive,
        'MAX_BODY is for the API; for pages Next has serverActions.bodySizeLimit (1 MB), and a route handler limits itself',
      )
  }
}

function readResolver(sorted: SortedServer, notes: Notes) {
  const [directive] = ofBackends(sorted, 'resolver')
  if (!directive) return
  const { args } = directive
  const servers = args.filter(each => !each.includes('='))
  const addresses = servers.filter(each => IP_SERVER.test(each))
  if (addresses.length > 0) notes.set('DNS_SERVERS', addresses.join(','), directive)
  for (const name of servers.filter(each => !IP_SERVER.test(each)))
    notes.note(
      'look',
      directive,
      `${name} is a name: DNS_SERVERS takes IP addresses, and is the system's where it is empty`,
    )
  const valid = args.find(each => each.startsWith('valid='))
  const ms = valid === undefined ? undefined : inMs(valid.slice('valid='.length))
  if (ms !== undefined) {
    notes.set('DNS_MAX_TTL', String(ms / 1000), directive)
    if (ms / 1000 > DEFAULT_TTL)
      notes.note(
        'look',
        directive,
        `with ${DEFAULT_TTL} seconds, the default of DNS_MAX_TTL, a new address is known sooner; asking costs a login nothing`,
      )
  }
  if (args.includes('ipv4=off')) notes.set('DNS_FAMILY', '6', directive)
  else if (!args.includes('ipv6=off'))
    notes.note(
      'look',
      directive,
      'Nginx asked for IPv6 addresses as well; DNS_FAMILY=both does, if the backend has any',
    )
}

function readRealIp({ scope, backends }: SortedServer, notes: Notes) {
  const inner = backends[0]?.location.scope ?? scope
  const ranges = effective(inner, 'set_real_ip_from')
  const [first] = ranges
  const isAddress = ({ args: [range = ''] }: Directive) => /^[\da-f.:]+(\/\d+)?$/i.test(range)
  const taken = ranges.filter(isAddress)
  if (first && taken.length > 0)
    notes.set('TRUSTED_PROXIES', taken.map(each => each.args[0]).join(','), first)
  for (const directive of ranges.filter(each => !isAddress(each)))
    notes.note('look', directive, 'TRUSTED_PROXIES takes addresses and subnets', inText(directive))
  const [header] = effective(inner, 'real_ip_header')
  if (first && header?.args[0]?.toLowerCase() === 'x-forwarded-for')
    notes.note('same', header, 'the one that is read')
  else if (first)
    notes.note(
      'lost',
      header ?? first,
      `${header?.args[0] ?? 'X-Real-IP'} is not read: the client is taken from X-Forwarded-For`,
    )
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
    notes.note(
      'lost',
      directive,
      `it counted every request, which a rate rule of AWS WAF does at the public ALB. LOGIN_LIMIT=${example} counts the failed logins of a client, if guessed passwords are what it was for`,
    )
  }
}

function readRetries(sorted: SortedServer, notes: Notes) {
  for (const directive of ofBackends(sorted, 'proxy_next_upstream')) {
    if (directive.args.includes('off')) notes.set('REPLAY', 'off', directive)
    else if (directive.args.includes('non_idempotent'))
      notes.note('look', directive, 'a login that has left whole is never sent again')
    else notes.note('same', directive, 'a connection that cannot be set up is set up to the next address')
  }
  for (const directive of ofBackends(sorted, 'proxy_redirect')) {
    const [first] = directive.args
    notes.note(
      first === 'default' ? 'same' : first === 'off' ? 'look' : 'lost',
      directive,
      "a Location on the backend's own host becomes a path, any other stays",
    )
  }
}
