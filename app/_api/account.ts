import { headers } from 'next/headers'
import { sessionCookie } from './session-cookie.ts'

export type Account = { name: string; displayName: string; since: Date }

/**
 * Asks the API who is logged in: an account, 'nobody', or 'unknown' if the API does not say.
 * A session that could not be checked is not a session that has ended.
 */
export async function currentAccount(): Promise<Account | 'nobody' | 'unknown'> {
  const session = sessionCookie((await headers()).get('cookie'))
  if (session === null) return 'nobody'
  try {
    const response = await askApi('GET', '/user/me', session)
    if (response.status === 401) return 'nobody'
    return response.ok ? (accountOf(await response.json()) ?? 'unknown') : 'unknown'
  } catch {
    return 'unknown'
  }
}

/** Ends the session at the API. Without a session there is nothing to end. Throws if the API did not answer. */
export async function endSession(): Promise<void> {
  const session = sessionCookie((await headers()).get('cookie'))
  if (session !== null) await askApi('POST', '/user/logout', session)
}

/** Of all that the browser sent the API gets the session only. A page waits for 10 s at most. */
async function askApi(method: string, path: string, session: string): Promise<Response> {
  const { BACKEND_URL } = process.env
  if (!BACKEND_URL) throw new Error('BACKEND_URL is not set')
  const requestId = (await headers()).get('x-request-id')
  return fetch(BACKEND_URL + path, {
    method,
    headers: {
      accept: 'application/json',
      cookie: session,
      ...(requestId !== null && { 'x-request-id': requestId }),
    },
    cache: 'no-store',
    redirect: 'error',
    signal: AbortSignal.timeout(10_000),
  })
}

function accountOf(body: unknown): Account | null {
  if (typeof body !== 'object' || body === null) return null
  if (!('name' in body && 'displayName' in body && 'since' in body)) return null
  const { name, displayName, since } = body
  if (typeof name !== 'string' || typeof displayName !== 'string' || typeof since !== 'string') return null
  const date = new Date(since)
  return Number.isNaN(date.valueOf()) ? null : { name, displayName, since: date }
}
