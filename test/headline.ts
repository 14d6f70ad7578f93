import assert from 'node:assert/strict'
import { IncomingMessage } from 'node:http'
import { Socket } from 'node:net'
import { headlineOf } from '../lib/admin/headline.ts'
import type { Headline } from '../lib/admin/headline-parts.ts'
import { createBounds } from '../lib/observe/bounds.ts'
import { createHistory } from '../lib/observe/history.ts'
import type { WorkerState } from '../lib/observe/lifecycle.ts'
import { judge, type RequestFacts } from '../lib/observe/outcome.ts'
import { assertJapanese } from './words.ts'

type Facts = Parameters<typeof headlineOf>[0]
type Logins = [times: number, rest: Partial<RequestFacts>]

export const NOW = 1_800_000_000_000
const req = new IncomingMessage(new Socket())
export const addresses = {
  listed: ['10.0.1.5', '10.0.3.7'],
  missing: [],
  departed: [],
  answer: { at: new Date(NOW - 1000), ttlMs: 60_000 },
}
export const stale = {
  since: new Date(NOW - 40_000),
  reason: Object.assign(new Error('no answer'), { code: 'ESERVFAIL' }),
}
export const worker: WorkerState = {
  worker: 1,
  pid: 7,
  phase: 'ready',
  inFlight: 0,
  restarts: 0,
  rssMb: 100,
}

export const refusing = (address: string, code = 'ECONNREFUSED', message = 'connect') => ({
  address,
  since: new Date(NOW - 5000),
  nextAttempt: new Date(NOW),
  attempts: 3,
  error: Object.assign(new Error(message), { code }),
})

export const bounds = () => createBounds({ MAX_BACKEND_REQUESTS: 256, BODY_MEMORY: 1024 ** 2 }, 8192)

/** The headline after these logins, each so many times. */
export function headlineAfter(facts: Partial<Facts>, ...logins: Logins[]): Headline {
  const history = createHistory(() => NOW)
  for (const [times, rest] of logins) {
    for (let i = 0; i < times; i++)
      history.count(judge({ route: 'login', req, status: 200, ms: 5, bytes: 1, ...rest }))
  }
  const all: Facts = {
    lifecycle: { phase: 'ready' },
    bounds: bounds(),
    addresses,
    failing: [],
    history,
    workers: [worker],
    limit: undefined,
    ...facts,
  }
  return headlineOf(all, NOW)
}

/** The same in English; whatever it is, it is there in Japanese. */
export function englishHeadlineAfter(facts: Partial<Facts>, ...logins: Logins[]) {
  const { text, detail, ...rest } = headlineAfter(facts, ...logins)
  assertJapanese(text)
  assert.match(detail.ja, /。$/)
  return { ...rest, text: text.en, detail: detail.en }
}
