import { createHash } from 'node:crypto'

/** SHA-256: what is kept of a secret that is only ever compared, so that nothing can print it. */
export const digestOf = (secret: string): Buffer => createHash('sha256').update(secret).digest()

/** RFC 6750 §2.1, what a Bearer header can carry, and of a length that nobody guesses. */
const TOKEN = /^[\w.~+/-]{32,256}={0,2}$/

/** ADMIN_TOKEN, as its digest; null for none. */
export function parseToken(text: string): Buffer | null | undefined {
  if (text === '') return null
  return TOKEN.test(text) ? digestOf(text) : undefined
}

/** A value as a mistake may show it: what stands before `@` and in the query of a URL may be a password, however the URL is spoilt. */
export const shown = (value: string): string =>
  JSON.stringify(
    value
      .replace(/^.*@/s, '…@')
      .replace(/(?<=:\/\/[^?]*\?).+/s, '…')
      .slice(0, MOST_SHOWN),
  )
const MOST_SHOWN = 200
