import type { IncomingMessage, ServerResponse } from 'node:http'
import { hopByHop } from './headers.ts'

/** Each says something more beside what the API says; in its place, a cookie would end the session that the API has just begun. */
export const ADDED: ReadonlySet<string> = new Set(['link', 'set-cookie', 'vary', 'www-authenticate'])

/** Node keeps so many headers, and drops those behind them without a word. */
const MOST_HEADERS = 1000

export type HeadChanges = {
  /** the value of a header as the client gets it, by its name in lower case; undefined leaves it out. By default as it came */
  readonly translate?: ((name: string, value: string) => string | undefined) | undefined
  /** headers in place of the answer's own, or beside them where they are lists, names in lower case; an empty value takes them away */
  readonly set?: readonly (readonly [name: string, value: string])[]
}

type Options = HeadChanges & {
  /** 101 is what was asked for, and a WebSocket comes after it */
  readonly switches?: boolean
}

/**
 * Passes the status line and headers of an answer on as they came, several Set-Cookie kept apart; hop-by-hop headers
 * stay behind, and X-Request-Id is the front's. The body is left to the caller.
 * @throws RangeError at a status that ends no request, 101 above all, at a transfer coding other than chunked and at too
 *   many headers; what `writeHead` throws at a reason or header that HTTP does not allow. Nothing is sent then
 */
export function passHead(
  from: IncomingMessage,
  res: ServerResponse,
  { translate, set = [], switches = false }: Options = {},
): void {
  const { statusCode = 0, statusMessage = '', rawHeaders } = from
  if (statusCode < 200 && !switches) throw new RangeError(`status ${statusCode}`)
  if (rawHeaders.length >= MOST_HEADERS * 2) throw new RangeError(`${MOST_HEADERS} headers or more`)
  // Node undoes `chunked` alone: the client would get the rest without a word that it is there (RFC 9112 §6.1)
  const coding = from.headers['transfer-encoding'] ?? 'chunked'
  if (coding.toLowerCase() !== 'chunked') throw new RangeError(`Transfer-Encoding: ${coding}`)
  const staysBehind = hopByHop(from.headers.connection)
  const head: string[] = []
  for (let i = 0; i + 1 < rawHeaders.length; i += 2) {
    const name = rawHeaders[i] ?? ''
    const value = rawHeaders[i + 1] ?? ''
    const key = name.toLowerCase()
    // RFC 9110 §15.5.22: what a 426 asks for is its point
    const isAsked = statusCode === 426 && key === 'upgrade'
    if ((staysBehind(key) && !isAsked) || key === 'x-request-id') continue
    // RFC 9110 §8.6
    if (key === 'content-length' && (statusCode === 204 || switches)) continue
    if (set.some(([each, given]) => each === key && (given === '' || !ADDED.has(key)))) continue
    const translated = translate ? translate(key, value) : value
    if (translated !== undefined) head.push(name, translated)
  }
  for (const [name, value] of set) if (value !== '') head.push(name, value)
  head.push('X-Request-Id', String(res.req.headers['x-request-id']))
  if (switches) head.push('Connection', 'Upgrade', 'Upgrade', 'websocket')
  res.writeHead(statusCode, statusMessage, head)
  if (!switches && !from.complete) setImmediate(flushHead, res, res.socket?.bytesWritten)
}

/**
 * Node holds a head back until there is a body; one that takes its time shall not hold it up. After this turn of the event
 * loop, since most bodies come with their head and then leave in the same packet.
 */
function flushHead(res: ServerResponse, writtenBefore: number | undefined) {
  const isSent = res.socket?.bytesWritten !== writtenBefore
  // not flushHeaders: it writes what a header has above 0x7f as UTF-8
  if (!isSent && !res.writableEnded && !res.destroyed) res.write(Buffer.alloc(0))
}
