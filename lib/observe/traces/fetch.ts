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

/** Egress alone is on loopback: what goes elsewhere costs no look at the environment. */
const isOfBackend = (origin: unknown) =>
  String(origin).startsWith('http://127.0.0.1:') &&
  Object.entries(process.env).some(([name, url]) => url === origin && /^BACKEND_URL(_|$)/.test(name))

function isCreated(message: unknown): message is { request: Request } {
  if (typeof message !== 'object' || message === null || !('request' in message)) return false
  const { request } = message
  if (typeof request !== 'object' || request === null || !('addHeader' in request)) return false
  return 'origin' in request && 'headers' in request && Array.isArray(request.headers)
}
