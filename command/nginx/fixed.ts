import type { Notes } from './finding.ts'
import type { Directive } from './parse.ts'
import { inMs, sizeBytes, timeText } from './quantity.ts'
import { effective, inText, named, type Scope } from './scope.ts'
import type { SortedServer } from './sort-locations.ts'

/** What the front has fixed, in ms: lib/front/listener.ts. */
const CLIENT_BODY_MS = 10_000
const CLIENT_HEADER_MS = 15_000
const IDLE_MS = 75_000
const SILENCE_MS = 60_000
const HEAD_BYTES = 65_536

/** Values for which there is no setting: equal where the front allows as much, lost where it allows less. */
export function readFixed(sorted: SortedServer, notes: Notes): void {
  const scopes = [sorted.scope, ...sorted.locations.map(({ scope }) => scope)]
  const each = (name: string, read: (directive: Directive) => void) => {
    for (const directive of allOf(scopes, name)) read(directive)
  }
  const atMost = (name: string, ms: number, remark: string) =>
    each(name, directive => {
      const value = inMs(directive.args[0] ?? '')
      if (value === undefined) notes.note('lost', directive, 'its value is not understood', inText(directive))
      else if (value > ms)
        notes.note('lost', directive, `it gets smaller: ${timeText(ms)} here, ${remark}`, inText(directive))
      else notes.note('same', directive, `${timeText(ms)}, ${remark}`)
    })
  atMost('client_body_timeout', CLIENT_BODY_MS, 'and 1 KB a second beyond 60 s, then 408')
  atMost('client_header_timeout', CLIENT_HEADER_MS, 'then 408')
  atMost('keepalive_timeout', IDLE_MS, 'which is longer than the 60 s of an ALB')
  atMost('send_timeout', SILENCE_MS, 'without a byte, then the connection ends')

  const head = (name: string, most: number, remark: string) =>
    each(name, directive => {
      const [first = '', second] = directive.args
      const size = second === undefined ? sizeBytes(first) : Number(first) * (sizeBytes(second) ?? 0)
      if (size === undefined || size > most)
        notes.note('lost', directive, `it gets smaller: ${remark} may have 16 KB here`, inText(directive))
      else notes.note('same', directive, `${remark} may have 16 KB`)
    })
  head('client_header_buffer_size', HEAD_BYTES, 'the head of a request')
  head('large_client_header_buffers', HEAD_BYTES, 'the head of a request')
  head('proxy_buffer_size', HEAD_BYTES, 'the head of an answer')
  readPages(sorted, notes)
}

/** Each of a name that holds for one of some places, once. */
const allOf = (scopes: readonly Scope[], name: string) =>
  new Set(scopes.flatMap(scope => effective(scope, name)))

/** What holds for pages: there are no settings for them. */
function readPages({ pages, backends }: SortedServer, notes: Notes) {
  const ofPages = (name: string) =>
    allOf(
      pages.map(({ scope }) => scope),
      name,
    )
  for (const directive of ofPages('proxy_read_timeout')) {
    const ms = inMs(directive.args.join(' '))
    if (ms !== undefined && ms > SILENCE_MS)
      notes.note(
        'lost',
        directive,
        'it is not carried over for pages: a page may be silent for BACKEND_TIMEOUT, 60 s at least, and 30 s more',
        inText(directive),
      )
    else notes.note('same', directive, 'a page may be silent for 60 s and more', inText(directive))
  }
  const ofApi = allOf(
    backends.map(({ location }) => location.scope),
    'limit_req',
  )
  for (const directive of ofPages('limit_req')) {
    if (!ofApi.has(directive))
      notes.note(
        'lost',
        directive,
        'it is not carried over for pages: a rate rule of AWS WAF does it at the public ALB',
      )
  }
}

const BALANCING = new Set(['ip_hash', 'hash', 'sticky', 'sticky_cookie_insert'])
const OWN = new Set(['server', 'keepalive', 'keepalive_requests', 'keepalive_timeout', 'zone', 'resolver'])

/** The `upstream` blocks that are used. */
export function readUpstreams({ scope: [http = []], backends, pages }: SortedServer, notes: Notes): void {
  const used = new Set([...backends.map(({ location }) => location), ...pages])
  const hosts = new Set(
    [...used].flatMap(({ target }) => (typeof target === 'object' ? [target.named.toLowerCase()] : [])),
  )
  for (const { args, block = [] } of named(http, 'upstream')) {
    if (!hosts.has(args[0]?.toLowerCase() ?? '')) continue
    for (const directive of block) readUpstreamLine(directive, notes)
  }
}

function readUpstreamLine(directive: Directive, notes: Notes) {
  const { name, args } = directive
  if (BALANCING.has(name))
    notes.note(
      'lost',
      directive,
      'a client is not kept at one address: the addresses of a name are spread over',
    )
  else if (name === 'server') {
    for (const word of args.slice(1)) {
      const [key = ''] = word.split('=')
      if (['backup', 'down'].includes(key))
        notes.note(
          'lost',
          directive,
          `this address gets no request: the addresses that DNS has for BACKEND_ORIGIN are asked, all alike`,
          inText(directive),
        )
      else if (key === 'resolve')
        notes.note(
          'same',
          directive,
          'Nginx followed DNS here already; the front does so by itself, keeps the last good answer, and goes to another address where one fails',
          inText(directive),
        )
      else if (key === 'weight')
        notes.note('look', directive, 'the addresses are asked alike', inText(directive))
      else if (['max_fails', 'fail_timeout'].includes(key))
        notes.note('same', directive, 'an address that fails is tried last', inText(directive))
      else notes.note('lost', directive, `${key} is not carried over`, inText(directive))
    }
  } else if (['least_conn', 'random', 'least_time'].includes(name))
    notes.note('look', directive, 'the addresses of a name are spread over')
  else if (OWN.has(name))
    notes.note('same', directive, 'connections to the backend are pooled, and addresses follow DNS')
  else notes.note('lost', directive, 'it is not known here')
}
