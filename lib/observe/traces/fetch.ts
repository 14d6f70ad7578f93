import { subscribe } from 'node:diagnostics_channel'
import { context, propagation, type TextMapSetter } from '@opentelemetry/api'

type Request = {
  readonly origin: unknown
  /** names and values in turn */
  readonly headers: unknown[]
  addHeader(name: string, value: string): void
}

/** A page that passes its visitor's context on by hand has been there before. */
const setter: TextMapSetter<Request> = {
  set(request, name, value) {
    const { headers } = request
    const at = headers.findIndex((each, i) => i % 2 === 0 && String(each).toLowerCase() === name)
    if (at === -1) request.addHeader(name, value)
    else headers[at + 1] = value
  },
}

/**
 * What a page fetches from BACKEND_URL or BACKEND_URL_<NAME> carries the page's context on, so that one trace shows the page, the call and the
 * backend. Nobody else gets it. The channel is of undici, of which Node's `fetch` is made.
 */
export function passContextToBackend(): void {
  subscribe('undici:request:create', message => {
    const { request } = isCreated(message) ? message : {}
    if (request && isOfBackend(request.origin)) propagation.inject(context.active(), request, setter)
  })
}

type Urls = { readonly first: string | undefined; readonly all: ReadonlySet<unknown> }
/** What the environment has of them; the front sets the first together with the others. */
let backends: Urls = { first: undefined, all: new Set() }

/** To list the environment takes longer than all else here: 2 µs for each of its variables. */
function isOfBackend(origin: unknown): boolean {
  // Egress alone is on loopback: what goes elsewhere costs no look at the environment
  if (!String(origin).startsWith('http://127.0.0.1:')) return false
  const first = process.env.BACKEND_URL
  if (backends.first !== first) {
    const own = Object.entries(process.env).filter(([name]) => /^BACKEND_URL(_|$)/.test(name))
    backends = { first, all: new Set(own.map(([, url]) => url)) }
  }
  return backends.all.has(origin)
}

function isCreated(message: unknown): message is { request: Request } {
  if (typeof message !== 'object' || message === null || !('request' in message)) return false
  const { request } = message
  if (typeof request !== 'object' || request === null || !('addHeader' in request)) return false
  return 'origin' in request && 'headers' in request && Array.isArray(request.headers)
}
