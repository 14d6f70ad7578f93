import { headers } from 'next/headers'
import { sessionCookie } from './session-cookie.ts'

/** What else the API learns of the visitor's request: its id and its trace, and who asks. */
const PASSED_ON = [
  'x-request-id',
  'traceparent',
  'tracestate',
  'x-forwarded-for',
  'x-forwarded-proto',
  'x-forwarded-host',
]

/**
 * Asks the API: for server components, route handlers and server actions (docs/server-side.md). Of the visitor's cookies
 * it gets the session only. Waits for 10 s at most, the body included.
 * @throws where BACKEND_URL is not set, or the answer did not come
 */
export async function askApi(path: string, init: RequestInit = {}): Promise<Response> {
  const { BACKEND_URL } = process.env
  if (!BACKEND_URL) throw new Error('BACKEND_URL is not set')
  const visitor = await headers()
  const sent = new Headers(init.headers)
  for (const name of PASSED_ON) {
    const value = visitor.get(name)
    if (value !== null) sent.set(name, value)
  }
  const session = sessionCookie(visitor.get('cookie'))
  if (session !== null) sent.set('cookie', session)
  const signal = AbortSignal.timeout(10_000)
  return fetch(BACKEND_URL + path, { cache: 'no-store', redirect: 'error', signal, ...init, headers: sent })
}
