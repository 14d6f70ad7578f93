import { randomBytes, type ScryptOptions, scrypt, scryptSync, timingSafeEqual } from 'node:crypto'
import { promisify } from 'node:util'

export type NewAccount = { name: string; password: string; displayName?: string }
type Account = { name: string; displayName: string }

export type SignIn =
  | { outcome: 'signed-in'; account: Account; token: string }
  | { outcome: 'credentials' }
  /** `seconds` until it can be tried again. */
  | { outcome: 'locked'; seconds: number }

const MAX_FAILURES = 5
const LOCKED_FOR = 60_000
const SESSION_LASTS = 8 * 60 * 60_000
/** Names can be made up: beyond so many the oldest is forgotten. */
const KEPT_FAILURES = 10_000
const KEY_LENGTH = 32

const derive = promisify<string, Buffer, number, ScryptOptions, Buffer>(scrypt)

/**
 * Accounts and sessions of the demo, in memory.
 * @param cost scrypt's N, a power of two; 2 ** 14 takes about 50 ms of a core
 */
export function createAccounts(accounts: readonly NewAccount[], cost: number) {
  const options = { N: cost, r: 8, p: 1, maxmem: 2 ** 20 + 2 * 128 * 8 * cost }
  const known = new Map(
    accounts.map(({ name, password, displayName = name }) => {
      const salt = randomBytes(16)
      return [
        name,
        { account: { name, displayName }, salt, key: scryptSync(password, salt, KEY_LENGTH, options) },
      ]
    }),
  )
  const failures = new Map<string, { count: number; last: number }>()
  const sessions = new Map<string, Account & { readonly since: Date }>()

  function lockedSeconds(name: string): number {
    const { count = 0, last = 0 } = failures.get(name) ?? {}
    const left = count < MAX_FAILURES ? 0 : last + LOCKED_FOR - Date.now()
    if (count >= MAX_FAILURES && left <= 0) failures.delete(name)
    return Math.max(0, Math.ceil(left / 1000))
  }

  return {
    /** Checks a password and begins a session. A name that does not exist takes as long as one that does. */
    async signIn(name: string, password: string): Promise<SignIn> {
      const before = lockedSeconds(name)
      if (before) return { outcome: 'locked', seconds: before }
      const { account, salt = randomBytes(16), key = randomBytes(KEY_LENGTH) } = known.get(name) ?? {}
      const isRight = timingSafeEqual(await derive(password, salt, KEY_LENGTH, options), key)
      // Again: of guesses sent side by side, those that come after the fifth failure must not learn anything.
      const seconds = lockedSeconds(name)
      if (seconds) return { outcome: 'locked', seconds }
      if (!account || !isRight) {
        const count = (failures.get(name)?.count ?? 0) + 1
        // the newest stands last: the oldest is forgotten first
        failures.delete(name)
        failures.set(name, { count, last: Date.now() })
        const [oldest] = failures.size > KEPT_FAILURES ? failures.keys() : []
        if (oldest !== undefined) failures.delete(oldest)
        return { outcome: 'credentials' }
      }
      failures.delete(name)
      const token = randomBytes(32).toString('base64url')
      sessions.set(token, { ...account, since: new Date() })
      return { outcome: 'signed-in', account, token }
    },
    session(token: string) {
      const session = sessions.get(token)
      if (session && Date.now() - session.since.getTime() < SESSION_LASTS) return session
      sessions.delete(token)
      return undefined
    },
    signOut: (token: string) => void sessions.delete(token),
  }
}
