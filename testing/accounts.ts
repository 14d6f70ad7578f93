import { createHash, randomBytes, type ScryptOptions, scrypt, scryptSync, timingSafeEqual } from 'node:crypto'
import { DatabaseSync } from 'node:sqlite'
import { promisify } from 'node:util'

export type NewAccount = { name: string; password: string; displayName?: string }
export type Account = { name: string; displayName: string }
/** `since` is when the session began, as an ISO 8601 time. */
export type Session = Account & { since: string }

export type SignIn =
  | { outcome: 'signed-in'; account: Account; token: string }
  | { outcome: 'credentials' }
  /** `seconds` until it can be tried again. */
  | { outcome: 'locked'; seconds: number }

export type Accounts = {
  /** Checks a password and begins a session. A name that does not exist takes as long as one that does. */
  signIn(name: string, password: string): Promise<SignIn>
  session(token: string): Session | undefined
  signOut(token: string): void
  close(): void
}

const MAX_FAILURES = 5
const LOCKED_FOR = 60_000
const SESSION_LASTS = 8 * 60 * 60_000
const KEPT_FAILURES = 10_000 // names can be made up: the table has to end somewhere
const KEY_LENGTH = 32

const derive = promisify<string, Buffer, number, ScryptOptions, Buffer>(scrypt)

/**
 * Accounts and sessions in an SQLite database in memory.
 * @param cost scrypt's N, a power of two; 2 ** 14 takes about 50 ms of a core
 */
export function createAccounts(accounts: NewAccount[], cost: number): Accounts {
  const scryptOptions = { N: cost, r: 8, p: 1, maxmem: 2 ** 20 + 2 * 128 * 8 * cost }
  const db = new DatabaseSync(':memory:')
  db.exec(`
    CREATE TABLE account (name TEXT PRIMARY KEY, display_name TEXT NOT NULL, salt BLOB NOT NULL, key BLOB NOT NULL);
    CREATE TABLE session (hash BLOB PRIMARY KEY, name TEXT NOT NULL REFERENCES account, since INTEGER NOT NULL);
    CREATE INDEX session_since ON session (since);
    CREATE TABLE failure (name TEXT PRIMARY KEY, count INTEGER NOT NULL, last INTEGER NOT NULL);
    CREATE INDEX failure_last ON failure (last);
  `)
  const insertAccount = db.prepare('INSERT INTO account VALUES (?, ?, ?, ?)')
  const findAccount = db.prepare('SELECT name, display_name, salt, key FROM account WHERE name = ?')
  const insertSession = db.prepare('INSERT INTO session VALUES (?, ?, ?)')
  const findSession = db.prepare(
    'SELECT name, display_name, since FROM session JOIN account USING (name) WHERE hash = ? AND since > ?',
  )
  const deleteSession = db.prepare('DELETE FROM session WHERE hash = ?')
  const deleteExpired = db.prepare('DELETE FROM session WHERE since <= ?')
  const findFailure = db.prepare('SELECT count, last FROM failure WHERE name = ?')
  const addFailure = db.prepare(`
    INSERT INTO failure VALUES (?, 1, ?)
    ON CONFLICT (name) DO UPDATE SET count = count + 1, last = excluded.last`)
  const deleteFailure = db.prepare('DELETE FROM failure WHERE name = ?')
  const trimFailures = db.prepare(
    `DELETE FROM failure WHERE rowid IN (SELECT rowid FROM failure ORDER BY last DESC LIMIT -1 OFFSET ${KEPT_FAILURES})`,
  )

  for (const { name, password, displayName = name } of accounts) {
    const salt = randomBytes(16)
    insertAccount.run(name, displayName, salt, scryptSync(password, salt, KEY_LENGTH, scryptOptions))
  }

  function lockedSeconds(name: string): number {
    const failure = findFailure.get(name)
    if (!failure || Number(failure.count) < MAX_FAILURES) return 0
    const left = Number(failure.last) + LOCKED_FOR - Date.now()
    if (left <= 0) deleteFailure.run(name)
    return Math.max(0, Math.ceil(left / 1000))
  }

  async function check(name: string, password: string): Promise<Account | undefined> {
    const row = findAccount.get(name)
    const salt = row?.salt instanceof Uint8Array ? Buffer.from(row.salt) : randomBytes(16)
    const key = await derive(password, salt, KEY_LENGTH, scryptOptions)
    // A name that is not there is compared with a key that nothing derives to.
    const stored = row?.key instanceof Uint8Array ? row.key : randomBytes(KEY_LENGTH)
    const right = timingSafeEqual(key, stored)
    return row && right ? { name: String(row.name), displayName: String(row.display_name) } : undefined
  }

  return {
    async signIn(name, password) {
      const before = lockedSeconds(name)
      if (before) return { outcome: 'locked', seconds: before }
      const account = await check(name, password)
      // Again: of guesses sent side by side, those that come after the fifth failure must not learn anything.
      const seconds = lockedSeconds(name)
      if (seconds) return { outcome: 'locked', seconds }
      if (!account) {
        addFailure.run(name, Date.now())
        trimFailures.run()
        return { outcome: 'credentials' }
      }
      deleteFailure.run(name)
      deleteExpired.run(Date.now() - SESSION_LASTS)
      const token = randomBytes(32).toString('base64url')
      insertSession.run(hash(token), account.name, Date.now())
      return { outcome: 'signed-in', account, token }
    },
    session(token) {
      const row = findSession.get(hash(token), Date.now() - SESSION_LASTS)
      if (!row) return undefined
      return {
        name: String(row.name),
        displayName: String(row.display_name),
        since: new Date(Number(row.since)).toISOString(),
      }
    },
    signOut(token) {
      deleteSession.run(hash(token))
    },
    close() {
      db.close()
    },
  }
}

// The token has 256 random bits, so a plain hash is enough; what is stored opens no session.
function hash(token: string): Buffer {
  return createHash('sha256').update(token).digest()
}
