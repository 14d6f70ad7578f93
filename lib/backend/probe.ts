import { randomBytes } from 'node:crypto'
import http from 'node:http'
import { describeError } from '../http/errors.ts'
import { hasOption } from '../http/headers.ts'
import type { Words } from '../settings/words.ts'
import { connect, type Target } from './connect.ts'

/** What an address does with `Expect: 100-continue` to a path that no handler serves, and after how many ms. */
export type Reaction =
  /** 100 before it routes: whoever says it has not looked for a handler yet */
  | { readonly does: 'continues'; readonly ms: number }
  /** a final answer without 100: nobody reads the body, so nobody says 100 (Go, uvicorn, Jetty 9); or 417 */
  | { readonly does: 'answers'; readonly status: number }
  /** neither 100 nor an answer in time, or a close */
  | { readonly does: 'nothing'; readonly cause: string }
  | { readonly does: 'unreachable'; readonly cause: string }

export type Probed = {
  readonly host: string
  /** beside which the probe's path is, so that a router sends both to the same server */
  readonly path: string
}

export type ProbeOptions = Probed & {
  readonly target: Target
  /** milliseconds for the connection, and again for what comes then */
  readonly timeoutMs: number
}

/**
 * Asks one address over a connection of its own. The path is beside the login's and random, never below it, so that no
 * handler of a login gets it; there are no cookies, and the body is never sent. Never rejects.
 */
export async function probe(address: string, options: ProbeOptions): Promise<Reaction> {
  const { target, host, path, timeoutMs } = options
  const connection = await connect(address, target, timeoutMs).catch(describeError)
  if (typeof connection === 'string') return { does: 'unreachable', cause: connection }
  return new Promise(resolve => {
    const started = performance.now()
    const request = http.request({
      method: 'POST',
      path: `${path}-gatehouse-probe-${randomBytes(8).toString('hex')}`,
      createConnection: () => connection.socket,
      headers: {
        Host: host,
        'User-Agent': 'gatehouse-probe',
        'Content-Type': 'application/json',
        'Content-Length': 2,
        Expect: '100-continue',
      },
    })
    const settle = (reaction: Reaction) => {
      clearTimeout(timer)
      resolve(reaction)
      request.destroy()
    }
    const timer = setTimeout(
      () => settle({ does: 'nothing', cause: `no 100 within ${timeoutMs} ms` }),
      timeoutMs,
    )
    request
      .on('information', ({ statusCode, httpVersion, headers }) => {
        if (statusCode !== 100) return
        // Node takes no answer behind such a 100 (HPE_CLOSED_CONNECTION)
        const closes = httpVersion === '1.0' || hasOption(headers.connection ?? '', 'close')
        settle(
          closes
            ? { does: 'nothing', cause: 'only one that closes the connection' }
            : { does: 'continues', ms: performance.now() - started },
        )
      })
      .once('response', answer => settle({ does: 'answers', status: answer.statusCode ?? 0 }))
      .on('error', error => settle({ does: 'nothing', cause: describeError(error) }))
      .flushHeaders()
  })
}

/** In a few words, for people. */
export function describeReaction(reaction: Reaction): Words {
  switch (reaction.does) {
    case 'continues':
      return { en: 'says 100 before it routes', ja: '100-continue：ルーティング前に 100 を返す' }
    case 'answers':
      return reaction.status === 417
        ? { en: 'refuses Expect: 100-continue with 417', ja: '100-continue：417 で拒否' }
        : {
            en: `answers ${reaction.status} without a 100: it says 100 at most when a handler reads the body`,
            ja: `100-continue：100 を返さず ${reaction.status} で応答（ハンドラーがボディを読むときにだけ 100 を返す可能性）`,
          }
    case 'nothing':
      return { en: `says no 100: ${reaction.cause}`, ja: `100-continue：100 を返さない（${reaction.cause}）` }
    case 'unreachable':
      return {
        en: `could not be asked: ${reaction.cause}`,
        ja: `100-continue：確認できず（${reaction.cause}）`,
      }
  }
}
