import { subscribe } from 'node:diagnostics_channel'
import { context, propagation, type TextMapSetter } from '@opentelemetry/api'

type Request = { origin: unknown; addHeader(name: string, value: string): void }

const setter: TextMapSetter<Request> = { set: (request, name, value) => request.addHeader(name, value) }

/**
 * What a page fetches from BACKEND_URL carries the page's context on, so that one trace shows the page, the call and the
 * backend. Nobody else gets it. The channel is of undici, of which Node's `fetch` is made.
 */
export function passContextToBackend(): void {
  subscribe('undici:request:create', message => {
    const { request } = isCreated(message) ? message : {}
    if (request && request.origin === process.env.BACKEND_URL)
      propagation.inject(context.active(), request, setter)
  })
}

function isCreated(message: unknown): message is { request: Request } {
  if (typeof message !== 'object' || message === null || !('request' in message)) return false
  const { request } = message
  return typeof request === 'object' && request !== null && 'origin' in request && 'addHeader' in request
}
