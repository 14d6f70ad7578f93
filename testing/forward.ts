import http from 'node:http'
import https from 'node:https'
import { pipeline } from 'node:stream'

/** Of one connection (RFC 9110 §7.6.1), and what the new request has of its own. */
const STAYS_BEHIND = new Set([
  'connection',
  'expect',
  'host',
  'keep-alive',
  'proxy-connection',
  'te',
  'transfer-encoding',
  'upgrade',
])

/**
 * What a node does with a request where the API is a real one: it goes on to the API's test URL, over a connection of its own.
 * @param target its origin, without a path
 * @param origin what the front knows the API by: a Location at the target is one there
 * @param unreached is told why the target could not be reached, in a sentence
 * @throws where the target has a path
 */
export function forwardTo(
  target: string,
  origin: () => string,
  unreached: (what: string) => void,
): http.RequestListener {
  const url = new URL(target)
  if (url.pathname !== '/' || url.search !== '')
    throw new Error(
      `target is ${JSON.stringify(target)}; accepted: an origin without a path, such as http://localhost:8080`,
    )
  const { request: send } = url.protocol === 'https:' ? https : http

  return (request, response) => {
    const passed = send(url, {
      method: request.method,
      path: request.url,
      headers: { ...kept(request.headers), host: url.host },
      // one that is reused may be closed by the target at the same moment, and that failure would be the kit's
      agent: false,
    })
    let wasReached = false
    passed.once('socket', socket =>
      socket.once(url.protocol === 'https:' ? 'secureConnect' : 'connect', () => {
        wasReached = true
      }),
    )
    passed.once('response', answer => {
      const headers = kept(answer.headers)
      const { location } = headers
      if (typeof location === 'string' && location.startsWith(`${url.origin}/`))
        headers.location = origin() + location.slice(url.origin.length)
      response.writeHead(answer.statusCode ?? 502, headers)
      pipeline(answer, response, () => {})
    })
    passed.once('error', error => {
      if (response.headersSent) return void response.destroy()
      // the error of several addresses has a code and no message
      const why = error.message || ('code' in error && error.code)
      const what = `the target ${url.origin} ${wasReached ? 'gave no answer' : 'cannot be reached'}: ${why}`
      if (!response.destroyed && !wasReached) unreached(what)
      response.writeHead(502, { 'Content-Type': 'text/plain' })
      response.end(`gatehouse/testing: ${what}\n`)
    })
    pipeline(request, passed, () => {})
  }
}

function kept(headers: http.IncomingHttpHeaders): http.OutgoingHttpHeaders {
  return Object.fromEntries(Object.entries(headers).filter(([name]) => !STAYS_BEHIND.has(name)))
}
