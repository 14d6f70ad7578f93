import { headers } from 'next/headers'
import { askApi } from './ask.ts'
import { sessionCookie } from './session-cookie.ts'

export type Account = { name: string; displayName: string; since: Date }

/**
 * Asks the API who is logged in: an account, 'nobody', or 'unknown' if the API does not say.
 * A session that could not be checked is not a session that has ended.
 */
export async function currentAccount(): Promise<Account | 'nobody' | 'unknown'> {
  if (!(await hasSession())) return 'nobody'
  try {
    const response = await askApi('/user/me', { headers: { accept: 'application/json' } })
    if (response.status === 401) return 'nobody'
    return response.ok ? (accountOf(await response.json()) ?? 'unknown') : 'unknown'
  } catch {
    return 'unknown'
  }
}

/** Ends the session at the API. Without a session there is nothing to end. Throws if the API did not answer. */
export async function endSession(): Promise<void> {
  if (await hasSession()) await askApi('/user/logout', { method: 'POST' })
}

const hasSession = async () => sessionCookie((await headers()).get('cookie')) !== null

function accountOf(body: unknown): Account | null {
  if (typeof body !== 'object' || body === null) return null
  if (!('name' in body && 'displayName' in body && 'since' in body)) return null
  const { name, displayName, since } = body
  if (typeof name !== 'string' || typeof displayName !== 'string' || typeof since !== 'string') return null
  const date = new Date(since)
  return Number.isNaN(date.valueOf()) ? null : { name, displayName, since: date }
}
