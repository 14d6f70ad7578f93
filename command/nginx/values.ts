import { readAnswerHeaders } from './answer-headers.ts'
import type { Given, RouteValues } from './draft.ts'
import type { Notes } from './finding.ts'
import { type Known, readHeaders } from './headers.ts'
import { DAY_MS, inMs, sizeBytes, sizeText, timeText } from './quantity.ts'
import { effective, inText } from './scope.ts'
import type { Backend } from './sort-locations.ts'
import { expand } from './target.ts'

const LEAST_MS = 10
/** Nginx's `client_max_body_size 0`; there is always a limit here. */
const NO_LIMIT = '1024gb'

/** What a location sets for its requests and answers. */
export function valuesOf(backend: Backend, known: Known, notes: Notes): RouteValues {
  return {
    ...readHeaders(backend, known, notes),
    timeout: readTimeout(backend, notes),
    maxBody: readBody(backend, notes),
    serverName: readServerName(backend, notes),
    responseHeaders: readAnswerHeaders(backend, notes),
  }
}

function readTimeout({ location }: Backend, notes: Notes): Given | undefined {
  const [directive] = effective(location.scope, 'proxy_read_timeout')
  if (!directive) return undefined
  const ms = inMs(directive.args.join(' '))
  if (ms === undefined || ms < LEAST_MS) {
    notes.note('lost', directive, notes.texts.notUnderstood, inText(directive))
    return undefined
  }
  if (ms > DAY_MS) notes.note('look', directive, notes.texts.sizes.day, inText(directive))
  const size = Math.min(ms, DAY_MS)
  return { text: size === DAY_MS ? '24h' : timeText(size), size, directive }
}

function readBody({ location }: Backend, notes: Notes): Given | undefined {
  const [directive] = effective(location.scope, 'client_max_body_size')
  if (!directive) return undefined
  const [written = ''] = directive.args
  const size = sizeBytes(written)
  const text = sizeText(written)
  if (size === undefined || text === undefined) {
    notes.note('lost', directive, notes.texts.notUnderstood, inText(directive))
    return undefined
  }
  if (size > 0) return { text, size, directive }
  notes.note('look', directive, notes.texts.sizes.noLimit(NO_LIMIT), inText(directive))
  return { text: NO_LIMIT, size: Number.POSITIVE_INFINITY, directive }
}

/** `proxy_ssl_name`, for SNI and certificate. */
function readServerName({ location, target }: Backend, notes: Notes): string | undefined {
  const { protocol, hostname } = new URL(target.origin)
  const [directive] = effective(location.scope, 'proxy_ssl_name')
  if (!directive || protocol !== 'https:') return undefined
  const name = expand(directive.args[0] ?? '', location.scope)
  if ([hostname, '$proxy_host'].includes(name)) notes.note('same', directive, notes.texts.tls.name)
  else if (/^[\w.-]+$/.test(name)) return name
  else notes.note('lost', directive, notes.texts.tls.nameVariable(hostname))
  return undefined
}
