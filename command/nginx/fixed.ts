import { HEADERS_MS, PATIENCE_MS, STALLED_MS } from '../../lib/front/slow-clients.ts'
import type { Given } from './draft.ts'
import { setLargest } from './environment.ts'
import type { Notes } from './finding.ts'
import type { Directive } from './parse.ts'
import { DAY_MS, initialOf, inMs, sizeBytes, timeText } from './quantity.ts'
import { effectiveIn, inText, named, type Scope } from './scope.ts'
import { ofBackends, ofPages, type SortedServer } from './sort-locations.ts'

const KEEP_ALIVE_MS = inMs(initialOf('KEEP_ALIVE_TIMEOUT')) ?? 0
const HEAD_KB = Number.parseInt(initialOf('MAX_HEADER'), 10)
const MOST_HEAD_KB = 256

/** What holds for the whole front: equal where it allows as much by itself, a setting where there is one. */
export function readFixed(sorted: SortedServer, notes: Notes): void {
  const { sizes: texts, notUnderstood } = notes.texts
  const scopes = [sorted.scope, ...sorted.locations.map(({ scope }) => scope)]
  const atMost = (name: string, ms: number, remark: string) => {
    for (const directive of effectiveIn(scopes, name)) {
      const value = inMs(directive.args[0] ?? '')
      if (value === undefined) notes.note('lost', directive, notUnderstood, inText(directive))
      else if (value > ms)
        notes.note('lost', directive, texts.smaller(timeText(ms), remark), inText(directive))
      else notes.note('same', directive, texts.enough(timeText(ms), remark))
    }
  }
  atMost('client_body_timeout', PATIENCE_MS, texts.body)
  atMost('client_header_timeout', HEADERS_MS, texts.header)
  atMost('send_timeout', STALLED_MS, texts.stalled)
  readKeepAlive(effectiveIn(scopes, 'keepalive_timeout'), notes)
  readHeads(scopes, notes)
  readPages(sorted, notes)
}

function readKeepAlive(directives: ReadonlySet<Directive>, notes: Notes) {
  for (const directive of directives) {
    const ms = inMs(directive.args[0] ?? '')
    if (ms === undefined) notes.note('lost', directive, notes.texts.notUnderstood, inText(directive))
    else if (ms > KEEP_ALIVE_MS) notes.set('KEEP_ALIVE_TIMEOUT', timeText(Math.min(ms, DAY_MS)), directive)
    else notes.note('same', directive, notes.texts.sizes.keepAlive(timeText(KEEP_ALIVE_MS)))
  }
}

/** How large a head may be, of a request or an answer. */
function readHeads(scopes: readonly Scope[], notes: Notes) {
  const texts = notes.texts.sizes
  let most = HEAD_KB
  for (const name of ['client_header_buffer_size', 'large_client_header_buffers', 'proxy_buffer_size']) {
    for (const directive of effectiveIn(scopes, name)) {
      const [first = '', second] = directive.args
      const bytes =
        second === undefined ? sizeBytes(first) : Number(first) * (sizeBytes(second) ?? Number.NaN)
      const kb = Math.ceil((bytes ?? Number.NaN) / 1024)
      if (!(kb <= MOST_HEAD_KB))
        notes.note('lost', directive, texts.smallerHead(MOST_HEAD_KB), inText(directive))
      else if (kb <= most) notes.note('same', directive, texts.head(most))
      const taken = Math.min(kb, MOST_HEAD_KB)
      if (!(taken > most)) continue
      most = taken
      notes.set('MAX_HEADER', `${taken}kb`, directive)
    }
  }
}

/** What holds for pages. */
function readPages(sorted: SortedServer, notes: Notes) {
  const { texts } = notes
  const times: Given[] = []
  for (const directive of ofPages(sorted, 'proxy_read_timeout')) {
    const size = Math.min(inMs(directive.args.join(' ')) ?? 0, DAY_MS)
    if (size > 0) times.push({ size, text: timeText(size), directive })
    else notes.note('lost', directive, texts.notUnderstood, inText(directive))
  }
  setLargest('PAGE_TIMEOUT', times, notes, 'look')
  const ofApi = ofBackends(sorted, 'limit_req')
  for (const directive of ofPages(sorted, 'limit_req'))
    if (!ofApi.has(directive)) notes.note('lost', directive, texts.settings.pageLimit)
}

const BALANCING = new Set(['ip_hash', 'hash', 'sticky', 'sticky_cookie_insert'])
const OWN = new Set(['server', 'keepalive', 'keepalive_requests', 'keepalive_timeout', 'zone'])

/** The `upstream` blocks that are used. */
export function readUpstreams({ scope: [http = []], backends, pages }: SortedServer, notes: Notes): void {
  const ofApis = new Set(backends.map(({ target }) => target.named.toLowerCase()))
  const ofPages = new Set(
    pages.flatMap(({ target }) => (typeof target === 'object' ? [target.named.toLowerCase()] : [])),
  )
  for (const { args, block = [] } of named(http, 'upstream')) {
    const name = args[0]?.toLowerCase() ?? ''
    for (const directive of block) {
      if (ofApis.has(name)) readUpstreamLine(directive, notes)
      else if (ofPages.has(name))
        notes.note('same', directive, notes.texts.upstream.ofPages, inText(directive))
    }
  }
}

function readUpstreamLine(directive: Directive, notes: Notes) {
  const { name, args } = directive
  const texts = notes.texts.upstream
  const say = notes.about(directive)
  const sayWhole = notes.about(directive, inText(directive))
  if (BALANCING.has(name)) say('lost', texts.sticky)
  else if (name === 'server') {
    for (const word of args.slice(1)) {
      const [key = ''] = word.split('=')
      if (['backup', 'down'].includes(key)) sayWhole('lost', texts.notAsked)
      else if (key === 'resolve') sayWhole('same', texts.resolve)
      else if (key === 'weight') sayWhole('look', texts.weight)
      else if (['max_fails', 'fail_timeout'].includes(key)) sayWhole('same', texts.fails)
      else sayWhole('lost', texts.parameter(key))
    }
  } else if (['least_conn', 'random', 'least_time'].includes(name)) say('look', texts.weight)
  else if (OWN.has(name)) say('same', notes.texts.remarks.keepalive)
  else if (name === 'resolver_timeout') say('same', notes.texts.remarks.resolver_timeout)
  else if (name === 'resolver') {
    if (!notes.has(directive)) say('look', notes.texts.settings.notAsked)
  } else say('lost', notes.texts.unknown)
}
