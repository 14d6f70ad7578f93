import assert from 'node:assert/strict'
import http from 'node:http'
import type { TestContext } from 'node:test'
import { listening } from './listening.ts'
import { stage, untilProven } from './stage.ts'

type Seen = { method: string; expect: string | undefined; executed: boolean }
export const expectOf = (seen: readonly Seen[]) => seen.map(each => each.expect)
export const executedOf = (seen: readonly Seen[]) => seen.map(each => each.executed)
type Api = (request: http.IncomingMessage, response: http.ServerResponse, nth: number) => unknown

export const execute = (req: http.IncomingMessage, then: () => void) => req.resume().on('end', then)
export const answer: Api = (req, res) => execute(req, () => res.end('welcome'))

/**
 * A front before a plain HTTP backend that has proven that it says 100 before it routes; `later` takes everything after that.
 * `seen` begins with a login that has been answered: `later` gets the second from it on.
 */
export async function setUp(t: TestContext, later: Api, env: Record<string, string> = {}) {
  const seen: Seen[] = []
  let isProven = false
  const take = (req: http.IncomingMessage, res: http.ServerResponse) => {
    if (req.url?.includes('-gatehouse-probe-')) return res.writeContinue()
    if (!isProven) return (req.headers.expect === undefined ? answer : accept)(req, res, 1)
    const entry: Seen = { method: req.method ?? '', expect: req.headers.expect, executed: false }
    seen.push(entry)
    req.once('end', () => {
      entry.executed = true
    })
    later(req, res, seen.length)
  }
  const api = http.createServer(take).on('checkContinue', take)
  const port = await listening(t, api)
  const settings = { BACKEND_ORIGIN: `http://127.0.0.1:${port}`, CONNECT_TIMEOUT: '400ms', ...env }
  const front = await stage(t, { count: 1, env: settings })
  const send = (method = 'POST') =>
    fetch(`${front.url}/user/login`, { method, ...(method === 'POST' && { body: 'name=taro' }) })
  if (env.REPLAY === 'off') assert.equal((await send()).status, 200)
  else await untilProven(front)
  isProven = true
  seen.push({ method: 'POST', expect: undefined, executed: true })
  return { seen, send, front, api, address: '127.0.0.1' }
}

export const answerAll: http.RequestListener = (req, res) => answer(req, res, 1)

export const accept: Api = (req, res, nth) => {
  res.writeContinue()
  answer(req, res, nth)
}
