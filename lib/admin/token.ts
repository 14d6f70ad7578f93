import { timingSafeEqual } from 'node:crypto'
import type { IncomingMessage } from 'node:http'
import { digestOf } from '../settings/secret.ts'

/** Why a request to the admin listener gets no answer. */
export type Denial = {
  readonly reason: 'missing' | 'wrong' | 'limited'
  /** with `limited`: until when no token of this address is looked at */
  readonly retryAfterSeconds?: number
}

/** So many wrong tokens of one address within a minute; then none is looked at before the minute is over, the right one neither. */
const LIMIT = { points: 10, duration: 60 }

/** What a client without a token is asked for: Prometheus has the first, a browser's own dialog sends the second. */
export const CHALLENGES = ['Bearer realm="gatehouse"', 'Basic realm="gatehouse", charset="UTF-8"']

/**
 * Asks for ADMIN_TOKEN: `Authorization: Bearer TOKEN` (RFC 6750), or `Basic` with any user name and the token as the password (RFC
 * 7617), which every browser can send.
 * @param digest SHA-256 of the token; null where none is set, and all are let in
 * @returns why a request is denied; undefined for one that is let in
 */
export function createTokenCheck(
  digest: Buffer | null,
): (req: IncomingMessage) => Promise<Denial | undefined> {
  if (digest === null) return async () => undefined
  // with the first token: it takes 20 ms to load, which a start has better uses for
  let opened: ReturnType<typeof openLimit> | undefined
  return async ({ headers, socket }) => {
    const given = tokenIn(headers.authorization)
    // a browser that has not asked its user yet, or a scraper without a setting: nothing is guessed
    if (given === undefined) return { reason: 'missing' }
    const address = socket.remoteAddress ?? ''
    opened ??= openLimit()
    const limit = await opened
    // before it is compared: of requests that come together no more must be looked at, either
    const fullForMs = await limit.take(address)
    if (fullForMs !== undefined) return { reason: 'limited', retryAfterSeconds: Math.ceil(fullForMs / 1000) }
    // digests, so that neither the time nor an exception tells the token's length
    if (!timingSafeEqual(digestOf(given), digest)) return { reason: 'wrong' }
    await limit.giveBack(address)
    return undefined
  }
}

async function openLimit() {
  const { RateLimiterMemory, RateLimiterRes } = await import('rate-limiter-flexible')
  const limiter = new RateLimiterMemory(LIMIT)
  return {
    giveBack: (address: string) => limiter.reward(address),
    /** @returns ms until there is room again; undefined where there was */
    async take(address: string): Promise<number | undefined> {
      try {
        await limiter.consume(address)
        return undefined
      } catch (refusal) {
        if (refusal instanceof RateLimiterRes) return refusal.msBeforeNext
        throw refusal
      }
    },
  }
}

function tokenIn(header = ''): string | undefined {
  const [, scheme = '', value = ''] = /^(\w+) +([\w.~+/=-]+)$/.exec(header) ?? []
  if (/^bearer$/i.test(scheme)) return value
  if (!/^basic$/i.test(scheme)) return undefined
  const [, password] = /^[^:]*:(.*)$/s.exec(Buffer.from(value, 'base64').toString()) ?? []
  return password
}
