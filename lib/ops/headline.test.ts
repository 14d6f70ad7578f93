import assert from 'node:assert/strict'
import { IncomingMessage } from 'node:http'
import { Socket } from 'node:net'
import { test } from 'node:test'
import type { WorkerState } from '../life.ts'
import type { Outcome } from '../outcome.ts'
import { headlineOf } from './headline.ts'
import { createHistory } from './history.ts'

type Facts = Parameters<typeof headlineOf>[0]

const NOW = 1_800_000_000_000
const req = new IncomingMessage(new Socket())
const addresses = {
  listed: ['10.0.1.5', '10.0.3.7'],
  missing: [],
  departed: [],
  answer: { at: new Date(NOW - 1000), ttlMs: 60_000 },
}
const stale = {
  since: new Date(NOW - 40_000),
  reason: Object.assign(new Error('no answer'), { code: 'ESERVFAIL' }),
}
const worker: WorkerState = { worker: 1, pid: 7, phase: 'ready', inFlight: 0, restarts: 0, rssMb: 100 }

/** The headline after these logins, each so many times. */
function headline(facts: Partial<Facts>, ...logins: [times: number, rest: Partial<Outcome>][]) {
  const history = createHistory(() => NOW)
  for (const [times, rest] of logins) {
    for (let i = 0; i < times; i++)
      history.count({ route: 'login', req, status: 200, ms: 5, bytes: 1, ...rest })
  }
  const all: Facts = {
    life: { phase: 'ready', turnedAway: 0 },
    addresses,
    history,
    workers: [worker],
    limit: undefined,
    ...facts,
  }
  return headlineOf(all, NOW)
}

test('all is fine', () => {
  assert.deepEqual(headline({}, [10, {}]), {
    level: 'fine',
    text: 'Logins are fine.',
    detail: '2 addresses, DNS answered 1 s ago.',
  })
})

test('wrong passwords are fine, too', () => {
  assert.equal(headline({}, [10, { status: 401 }]).level, 'fine')
})

test('failed logins are the worst, and it says why they fail', () => {
  const lost = { status: 502, code: 'BACKEND_UNREACHABLE' } as const
  const one = headline({ addresses: { ...addresses, stale } }, [8, {}], [2, lost])
  assert.deepEqual([one.level, one.text], ['bad', '1 in 5 logins fails: no address can be reached.'])
  assert.equal(headline({}, [2, lost]).text, 'Every login fails: no address can be reached.')
  assert.equal(headline({}, [3, lost], [1, {}]).text, 'Most logins fail: no address can be reached.')
  assert.equal(headline({}, [1, { status: 500 }]).text, 'Every login fails: the API itself answers with 5xx.')
})

test('one of many is to be watched', () => {
  const { level, detail } = headline({}, [999, {}], [1, { status: 504, code: 'BACKEND_TIMEOUT' }])
  assert.equal(level, 'watch')
  assert.match(detail, /^1 of 1000 in the last 30 s\./)
})

test('DNS without an answer: since when and why; the sentence that is read aloud stays the same', () => {
  const { level, text, detail } = headline({ addresses: { ...addresses, stale } }, [10, {}])
  assert.equal(level, 'watch')
  assert.equal(text, 'DNS gives no answer: the last addresses stay in use.')
  assert.equal(detail, 'ESERVFAIL: no answer, for 40 s. 2 addresses in use.')
})

test('DNS that has never answered', () => {
  const none = { listed: [], missing: [], departed: [], stale }
  assert.match(headline({ addresses: none }).text, /not named any address yet/)
  assert.equal(headline({ addresses: none }).level, 'bad')
})

test('no page worker, or one too few', () => {
  const gone: WorkerState = { ...worker, phase: 'gone' }
  assert.equal(headline({ workers: [gone] }, [1, {}]).level, 'bad')
  const { level, detail } = headline({ workers: [worker, gone] }, [1, {}])
  assert.equal(level, 'watch')
  assert.match(detail, /^1 of 2\./)
})

test('stopping, and a limit store that is away', () => {
  assert.match(headline({ life: { phase: 'stopping', turnedAway: 0 } }, [1, {}]).text, /^Stopping/)
  const store = { connected: false, outages: 1, alone: 0 }
  assert.match(headline({ limit: { refused: { address: 0, account: 0 }, store } }).text, /counts for itself/)
})
